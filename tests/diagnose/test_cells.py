"""Roles, missing, constant and infinite values, weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import Finding, inspect


def find(frame: pd.DataFrame, kind: str, **options: object) -> list[Finding]:
    return [finding for finding in inspect(frame, target="target", **options) if finding.kind == kind]


def test_roles_are_noted(clean):
    frame = clean(200)
    frame["day"] = pd.date_range("2024-01-01", periods=200).astype(str)
    frame["note"] = [f"this is the free text number {i} of this table" for i in range(200)]
    (found,) = find(frame, "roles")
    assert found.level == "info"
    assert found.columns == ("day", "note", "city")
    assert "1 date column: 'day'" in found.message
    assert "'day'" in found.advice


def test_only_numbers_need_no_note(clean):
    assert find(clean(200)[["amount", "age", "target"]], "roles") == []


def test_missing_values_with_their_shares(clean):
    frame = clean(400)
    frame.loc[:39, "amount"] = np.nan
    frame.loc[:299, "city"] = None
    mostly, some = find(frame, "missing")
    assert (mostly.level, mostly.columns) == ("warning", ("city",))
    assert "'city' 75 %" in mostly.message
    assert (some.level, some.columns) == ("info", ("amount",))
    assert "'amount' 10 %" in some.message


def test_missing_by_class_is_told_from_missing_at_random(clean):
    frame = clean(2000, share=0.3)
    rng = np.random.default_rng(99)
    bad = (frame["target"] == "bad").to_numpy()
    frame["random"] = frame["amount"].mask(rng.random(2000) < 0.3)
    frame["by_class"] = frame["amount"].mask(rng.random(2000) < np.where(bad, 0.5, 0.2))
    (found,) = find(frame, "class_missing")
    assert found.columns == ("by_class",)
    assert "in class 'bad' against" in found.message


@pytest.mark.parametrize("seed", range(5))
def test_missing_at_random_in_fifty_columns_raises_no_alarm(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(300, 50))).rename(columns=lambda j: f"x{j}")
    frame = frame.mask(rng.random(frame.shape) < 0.3)
    frame["target"] = rng.random(300) < 0.1
    assert find(frame, "class_missing") == []


def test_constant_and_empty_columns(clean):
    frame = clean(100).assign(one=1, empty=np.nan, almost=[0] * 99 + [1])
    frame["one_or_missing"] = [1.0, np.nan] * 50
    (found,) = find(frame, "constant")
    assert found.columns == ("one", "empty")
    assert not found.droppable


def test_infinite_values_are_counted(clean):
    frame = clean(100)
    frame.loc[:2, "amount"] = np.inf
    frame.loc[3, "amount"] = -np.inf
    (found,) = find(frame, "infinite")
    assert found.columns == ("amount",)
    assert "'amount' 4 rows" in found.message


def test_weights_that_do_not_count(clean):
    frame = clean(100).assign(w=1.0)
    assert find(frame, "weights", weight="w") == []
    frame.loc[:4, "w"] = 0
    frame.loc[5:6, "w"] = -1
    frame.loc[7, "w"] = np.nan
    (found,) = find(frame, "weights", weight="w")
    assert "2 negative, 5 zero and 1 missing or infinite values in 100 rows" in found.message
