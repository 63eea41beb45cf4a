"""Columns that give the target away, in every disguise, and those that only look like it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import inspect


def kinds(frame: pd.DataFrame, name: str, target: str = "target") -> list[str]:
    return [finding.kind for finding in inspect(frame, target=target) if finding.columns[:1] == (name,)]


def flipped(y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(len(y)) < share, ~y, y)


@pytest.mark.parametrize("n", [150, 600])
@pytest.mark.parametrize(
    "disguise",
    [
        lambda y, rng: y.astype(int),
        lambda y, rng: np.where(y, "yes", "no"),
        lambda y, rng: np.where(y, 7.5, np.nan),
        lambda y, rng: y + rng.uniform(0, 0.5, len(y)),
        lambda y, rng: 1e12 + y + rng.uniform(0, 0.5, len(y)),
        lambda y, rng: np.where(
            y, rng.uniform(-1, 1, len(y)), rng.choice([-1, 1], len(y)) * rng.uniform(2, 3, len(y))
        ),
        lambda y, rng: np.where(
            y, rng.choice(["a", "b", "c"], len(y)), rng.choice(["d", "e", "f", "g"], len(y))
        ),
        lambda y, rng: pd.Series(rng.normal(size=len(y))).where(~y),
        lambda y, rng: (
            pd.to_datetime("2024-01-01") + pd.to_timedelta(y * 90 + rng.integers(0, 60, len(y)), unit="D")
        ),
    ],
    ids=["copy", "recoded", "present", "shifted", "large", "middle", "categories", "missing", "dates"],
)
def test_planted_leaks_are_suspects(clean, disguise, n):
    frame = clean(n)
    y = (frame["target"] == "bad").to_numpy()
    frame["planted"] = disguise(y, np.random.default_rng(1))
    found = [finding for finding in inspect(frame, target="target") if finding.kind == "leak"]
    assert [finding.columns for finding in found] == [("planted",)]
    assert found[0].droppable


def test_near_copies_are_suspects_and_half_copies_are_not(clean):
    frame = clean(2000, share=0.3)
    y = (frame["target"] == "bad").to_numpy()
    rng = np.random.default_rng(0)
    frame["near"], frame["half"] = flipped(y, 0.01, rng), flipped(y, 0.15, rng)
    assert kinds(frame, "near") == ["leak"]
    assert kinds(frame, "half") == []


def test_many_classes(clean):
    rng = np.random.default_rng(0)
    y = rng.choice(list("abcd"), 800, p=[0.6, 0.25, 0.1, 0.05])
    frame = pd.DataFrame({"noise": rng.normal(size=800), "target": y})
    frame["planted"] = pd.Series(y).map({"a": 3, "b": 1, "c": 4, "d": 2}) + rng.uniform(0, 0.9, 800)
    frame["only_d"] = (y == "d") * 1.0 + rng.normal(size=800) / 10
    findings = inspect(frame, target="target")
    assert [finding.columns for finding in findings if finding.kind == "leak"] == [("planted",)]
    singled = next(finding for finding in findings if finding.kind == "one_class")
    assert singled.columns == ("only_d",)
    assert "'d'" in singled.message


def test_the_pattern_of_missing_cells(clean):
    frame = clean(1000, share=0.4)
    y = (frame["target"] == "bad").to_numpy()
    rng = np.random.default_rng(0)
    first = rng.random(1000) < 0.5
    frame["a"] = pd.Series(rng.normal(size=1000)).where(first)
    frame["b"] = pd.Series(rng.normal(size=1000)).where(first ^ y)  # each alone is missing half the time
    findings = {finding.kind: finding for finding in inspect(frame, target="target")}
    assert set(findings["missing_pattern"].columns) == {"a", "b"}
    assert "leak" not in findings


def test_a_strong_honest_column_is_not_accused():
    rng = np.random.default_rng(0)
    y = rng.random(4000) < 0.1
    frame = pd.DataFrame({"x": rng.normal(size=4000) + 2 * y, "target": y})
    assert kinds(frame, "x") == []
    frame["x"] = rng.normal(size=4000) + 3.25 * y
    assert kinds(frame, "x") == ["strong"]


def test_too_few_rows_accuse_nobody():
    frame = pd.DataFrame({"x": [1, 2, 3, 4, 5, 6, 7, 8], "target": [0, 0, 0, 0, 0, 0, 1, 1]})
    assert "leak" not in {finding.kind for finding in inspect(frame, target="target")}


def test_ten_thousand_noise_columns_on_few_rows_accuse_nobody():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(120, 1500))).rename(columns=lambda j: f"x{j}")
    frame["target"] = np.arange(120) < 20
    assert {finding.kind for finding in inspect(frame, target="target")} <= {"row_order"}


def test_the_message_says_when_rows_were_thinned(clean):
    frame = clean(30_000, share=0.02)
    frame["planted"] = (frame["target"] == "bad") + np.random.default_rng(0).uniform(0, 0.5, 30_000)
    found = next(finding for finding in inspect(frame, target="target") if finding.kind == "leak")
    assert "20,000 rows with all rare ones kept" in found.message


def test_many_perfect_columns_make_an_easy_problem_not_many_leaks(clean):
    frame = clean(600)
    rng = np.random.default_rng(0)
    y = (frame["target"] == "bad").to_numpy()
    for j in range(6):
        frame[f"easy{j}"] = rng.normal(size=600) + 6 * y
    frame["copy"] = np.where(y, "B", "G")
    found = {finding.kind: finding for finding in inspect(frame, target="target")}
    assert found["leak"].columns == ("copy",)
    assert set(found["strong"].columns) == {f"easy{j}" for j in range(6)}
    assert not found["strong"].droppable
    fewer = inspect(frame.drop(columns=[f"easy{j}" for j in range(1, 6)]), target="target")
    assert {finding.columns for finding in fewer if finding.kind == "leak"} == {("copy",), ("easy0",)}
