"""Row order, time and groups that say too much about the target."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import inspect


def kinds(frame: pd.DataFrame, **options: object) -> set[str]:
    found = {finding.kind for finding in inspect(frame, target="target", **options)}
    return found & {"row_order", "time_order", "time", "pure_groups", "group"}


def test_rows_sorted_by_class(clean):
    frame = clean(300)
    assert kinds(frame) == set()
    assert kinds(frame.sort_values("target")) == {"row_order"}
    assert kinds(frame.sort_values("target", ascending=False)) == {"row_order"}


def test_time_that_orders_the_target(clean):
    frame = clean(300).sort_values("target", ignore_index=True)
    frame["when"] = pd.date_range("2024-01-01", periods=300)
    assert "time_order" in kinds(frame, time="when")
    frame["when"] = frame["when"].sample(frac=1, random_state=0).to_numpy()
    assert "time_order" not in kinds(frame, time="when")


def test_a_class_absent_from_the_latest_rows(clean):
    frame = clean(400)
    frame["when"] = np.arange(400)
    frame.loc[320:, "target"] = "good"
    found = next(
        finding for finding in inspect(frame, target="target", time="when") if finding.kind == "time_order"
    )
    assert "hold none of class 'bad'" in found.message


def test_rows_without_a_time(clean):
    frame = clean(100)
    frame["when"] = pd.date_range("2024-01-01", periods=100).astype(str)
    frame.loc[[3, 4], "when"] = None
    assert kinds(frame, time="when") == {"time"}


@pytest.mark.parametrize("size", [2, 4, 20])
def test_groups_pure_in_class(size):
    rng = np.random.default_rng(0)
    group = np.arange(800) // size
    frame = pd.DataFrame({"x": rng.normal(size=800), "group": group})
    of_group = rng.random(800 // size) < 0.3
    frame["target"] = np.where(of_group[group], "a", "b")
    assert kinds(frame, group="group") == {"pure_groups"}
    frame["target"] = np.where(rng.random(800) < 0.3, "a", "b")
    assert kinds(frame, group="group") == set()


def test_rare_positives_make_pure_groups_by_chance():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=3000), "group": np.arange(3000) // 3, "target": rng.random(3000) < 0.02}
    )
    assert kinds(frame, group="group") == set()


def test_one_group_only(clean):
    assert kinds(clean(100).assign(group="all"), group="group") == {"group"}
