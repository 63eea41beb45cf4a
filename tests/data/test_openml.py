from __future__ import annotations

from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets

from steelyard.core import DataError, TargetError, UsageError
from steelyard.data import datasets, load_dataset, suite


def bunch(frame: pd.DataFrame, *targets: str) -> SimpleNamespace:
    details = {"name": "credit-g", "licence": "Public"}
    return SimpleNamespace(frame=frame, target_names=list(targets), details=details)


@pytest.fixture
def openml(monkeypatch):
    asked: list[dict[str, object]] = []

    def serve(answer):
        def fetch(**named: object):
            asked.append(named)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch)
        return asked

    return serve


def test_a_table_by_number(openml) -> None:
    frame = pd.DataFrame(
        {
            "age": [1.0, np.nan, 3.0, 4.0],
            "job": pd.Categorical(["a", None, "b", "a"]),
            "class": pd.Categorical(["good", "bad", "good", None], categories=["bad", "good", "never"]),
        },
        index=[9, 8, 7, 6],
    )
    asked = openml(bunch(frame, "class"))
    dataset = load_dataset("openml:31")
    assert asked == [{"data_id": 31, "as_frame": True, "parser": "auto"}]
    assert dataset.frame.shape == (3, 3)  # the row without a label is gone
    assert dataset.frame.index.tolist() == [0, 1, 2]
    assert (dataset.target, dataset.positive) == ("class", "bad")
    assert not isinstance(dataset.frame["job"].dtype, pd.CategoricalDtype)
    assert dataset.frame["job"].isna().tolist() == [False, True, False]
    info = dataset.info
    assert (info.title, info.license, info.rows, info.classes, info.minority) == (
        "credit-g",
        "Public",
        3,
        2,
        1,
    )
    assert info.source_url.endswith("/31")
    assert dataset.digest == load_dataset("openml:31").digest


def test_many_classes_have_no_positive_one(openml) -> None:
    openml(bunch(pd.DataFrame({"x": [1, 2, 3], "y": [0, 1, 2]}), "y"))
    assert load_dataset("openml:7").positive is None


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (URLError("no route"), DataError, "could not be fetched .*no route"),
        (bunch(pd.DataFrame({"x": [1]})), TargetError, "names 0 targets"),
        (bunch(pd.DataFrame({"x": [1], "y": [2]}), "x", "y"), TargetError, "names 2 targets"),
        (bunch(pd.DataFrame({"x": [1, 2], "y": [1, 1]}), "y"), TargetError, "has 1 different values"),
        (bunch(pd.DataFrame({"y": np.arange(2000.0)}), "y"), TargetError, "has 2000 different values"),
    ],
)
def test_what_openml_cannot_give(openml, answer, error, message) -> None:
    openml(answer)
    with pytest.raises(error, match=message):
        load_dataset("openml:1")


def test_a_number_is_needed() -> None:
    with pytest.raises(UsageError, match="names no OpenML table"):
        load_dataset("openml:credit-g")


def test_climb73_is_as_published() -> None:
    members = suite("climb73")
    assert len(members) == 73
    tiers = [member.tier for member in members]
    assert [tiers.count(tier) for tier in ("low", "medium", "high", "extreme")] == [28, 24, 15, 6]
    assert tiers == sorted(tiers, key=["low", "medium", "high", "extreme"].index)
    assert sum(member.classes > 2 for member in members) == 13
    assert len({member.openml for member in members}) == 73
    assert [member.openml for member in members][:4] == [45717, 1046, 1054, 1511]
    ratios = [member.imbalance_ratio for member in members]
    assert ratios == sorted(ratios)
    assert (members[-1].openml, members[-1].rows, ratios[-1]) == (42397, 284_807, 577.88)
    assert {member.openml for member in members if member.classes > 2} == {
        1475, 1508, 45067, 40671, 45548, 43925, 1565, 41671, 41168, 1509, 41169, 30, 40707
    }  # fmt: skip


def test_forty_two_of_climb73_need_no_network() -> None:
    packaged = [member for member in suite("climb73") if member.packaged]
    tiers = [member.tier for member in packaged]
    assert [tiers.count(tier) for tier in ("low", "medium", "high", "extreme")] == [17, 12, 10, 3]
    assert len({member.packaged for member in packaged}) == 42


def test_scales30_is_as_published() -> None:
    members = suite("scales30")
    assert len(members) == 30
    assert all(member.source.startswith("rt30/") for member in members)
    assert {member.openml for member in members} - {None} == {
        1467,
        1053,
        1067,
        1068,
        1453,
        40900,
        45562,
        40983,
    }


def test_packaged_stand_ins_have_the_same_rows_and_classes() -> None:
    known = {info.name: info for info in datasets()}
    stand_ins = [member for name in ("climb73", "scales30") for member in suite(name) if member.packaged]
    assert len(stand_ins) > 55
    for member in stand_ins:
        info = known[member.packaged]
        assert (info.rows, info.classes) == (member.rows, member.classes), member
        if info.classes == 2:
            assert (info.rows - info.minority) / info.minority == pytest.approx(
                member.imbalance_ratio, abs=0.006
            )


def test_other_suites_are_unknown() -> None:
    with pytest.raises(UsageError, match="it lists climb73, scales30"):
        suite("climb")
