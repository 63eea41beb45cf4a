"""Column summaries, and drift found when there is some and not otherwise."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from steelyard.core import DataError
from steelyard.diagnose import DriftMeter, covariate_drift, summarise


def table(n: int, seed: int, **changes: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "measure": rng.normal(size=n),
            "count": rng.poisson(0.5, n),
            "flag": rng.random(n) < 0.1,
            "city": rng.choice(["Rome", "Oslo", "Lima"], n, p=[0.6, 0.3, 0.1]),
            "day": (pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D")).astype(
                str
            ),
            "note": [" ".join(["word"] * k) + f" {i}" for i, k in enumerate(rng.integers(4, 9, n))],
            "holes": pd.Series(rng.normal(size=n)).mask(rng.random(n) < 0.2),
        }
    )
    return frame.assign(**changes)


def test_a_summary_is_plain_json_and_small():
    text = json.dumps(summarise(table(5_000, 0)), allow_nan=False)
    assert len(text) < 6_000
    again = json.loads(text)
    assert [drift.level for drift in covariate_drift(again, table(5_000, 1))] == ["none"] * 7


def test_what_is_kept():
    frame = pd.DataFrame(
        {"x": [1.0, 2.0, 3.0, 4.0, np.nan], "s": ["a", "a", "b", None, None], "e": [np.nan] * 5}
    )
    columns = summarise(frame)["columns"]
    assert columns["s"] == {
        "kind": "category",
        "missing": 0.4,
        "levels": pytest.approx({"a": 2 / 3, "b": 1 / 3}),
    }
    assert columns["x"]["missing"] == 0.2
    assert sum(columns["x"]["shares"]) == pytest.approx(1)
    assert columns["e"] == {"kind": "number", "missing": 1.0, "edges": [], "shares": [0.0]}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n", [60, 2_000])
def test_no_drift_no_alarm(seed, n):
    reference = summarise(table(1_000, 100 + seed))
    assert {drift.level for drift in covariate_drift(reference, table(n, seed))} == {"none"}


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("measure", lambda frame, rng: frame["measure"] + 1),
        ("measure", lambda frame, rng: frame["measure"] * 3),
        ("count", lambda frame, rng: rng.poisson(2, len(frame))),
        ("flag", lambda frame, rng: rng.random(len(frame)) < 0.5),
        ("city", lambda frame, rng: rng.choice(["Rome", "Bern"], len(frame))),
        ("day", lambda frame, rng: pd.Series(["2025-03-01"] * len(frame))),
        ("note", lambda frame, rng: frame["note"] + " and much more text than ever before"),
        ("holes", lambda frame, rng: frame["holes"].mask(rng.random(len(frame)) < 0.6)),
    ],
)
def test_planted_drift_is_found_in_its_column_alone(column, change):
    now = table(2_000, 1)
    now[column] = change(now, np.random.default_rng(2))
    drifts = covariate_drift(summarise(table(2_000, 0)), now)
    assert drifts[0].column == column
    assert drifts[0].level == "strong"
    assert {drift.level for drift in drifts[1:]} == {"none"}


def test_figures_by_hand():
    before = pd.DataFrame({"s": ["a"] * 600 + ["b"] * 400})
    now = pd.DataFrame({"s": ["a"] * 200 + ["b"] * 500 + ["c"] * 300})
    (drift,) = covariate_drift(summarise(before), now)
    p, q = np.array([600.5, 400.5, 0.5]) / 1001.5, np.array([200.5, 500.5, 300.5]) / 1001.5
    assert drift.psi == pytest.approx(float(((q - p) * np.log(q / p)).sum()))
    assert drift.unseen == 0.3
    assert drift.ks is None


def test_ks_agrees_with_the_exact_one():
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(0)
    before, now = rng.normal(size=5_000), rng.normal(0.5, 1.2, 5_000)
    (drift,) = covariate_drift(summarise(pd.DataFrame({"x": before})), pd.DataFrame({"x": now}))
    assert drift.ks == pytest.approx(ks_2samp(before, now).statistic, abs=0.02)


def test_chunks_and_whole_agree():
    reference, now = summarise(table(1_000, 0)), table(1_000, 1, measure=0.0)
    whole = covariate_drift(reference, now)
    assert (
        covariate_drift(reference, (now.iloc[start : start + 130] for start in range(0, 1_000, 130))) == whole
    )
    assert DriftMeter(reference).result() == []


def test_columns_may_be_more_but_not_fewer():
    reference = summarise(table(200, 0))
    assert len(covariate_drift(reference, table(200, 1, extra=1))) == 7
    with pytest.raises(DataError, match="'city' is not in the new rows"):
        covariate_drift(reference, table(200, 1).drop(columns="city"))


def test_more_values_than_are_listed():
    rng = np.random.default_rng(0)
    names = np.array([f"v{i}" for i in range(200)])
    reference = summarise(pd.DataFrame({"s": rng.choice(names, 5_000)}))
    assert len(reference["columns"]["s"]["levels"]) == 50
    assert covariate_drift(reference, pd.DataFrame({"s": rng.choice(names, 5_000)}))[0].level == "none"


def test_constant_columns_of_any_type_are_summarised() -> None:
    frame = pd.DataFrame(
        {"flag": ["f"] * 20, "one": [1] * 20, "day": pd.to_datetime(["2024-02-29"] * 20), "void": [None] * 20}
    )
    summary = summarise(frame)
    assert summary["columns"]["flag"]["levels"] == {"f": 1.0}
    assert all(one.level == "none" for one in covariate_drift(summary, frame))
    changed = frame.assign(flag="t")
    assert any(one.column == "flag" and one.level == "strong" for one in covariate_drift(summary, changed))
