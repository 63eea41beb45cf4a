"""Columns that name rows, and columns that only happen not to repeat."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from steelyard.diagnose import inspect

N = 500
RNG = np.random.default_rng(0)


def accused(values: object, name: str = "it") -> bool:
    frame = pd.DataFrame({name: values, "x": RNG.normal(size=N), "target": RNG.random(N) < 0.2})
    found = [finding for finding in inspect(frame, target="target") if finding.kind == "identifier"]
    assert all(finding.columns == (name,) and finding.droppable for finding in found)
    return bool(found)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(N),
        1000.0 + np.arange(N),
        np.arange(N) * 7,
        RNG.permutation(N * 3)[:N],
        RNG.permutation(np.arange(N) * 3 + RNG.integers(0, 3, N)) + 10_000,
        [f"K-{i:05d}" for i in RNG.permutation(N)],
    ],
    ids=["counter", "floats", "steps", "shuffled", "sparse", "texts"],
)
def test_identifiers_are_found(values):
    assert accused(values)


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=N),
        RNG.integers(0, 50_000, N),
        RNG.integers(0, 10**9, N),
        RNG.choice(list("abc"), N),
        pd.date_range("2024-01-01", periods=N),
        pd.date_range("2024-01-01", periods=N).astype(str),
        [f"a free text about the thing with number {i} in it" for i in range(N)],
    ],
    ids=["measure", "amounts", "large", "categories", "dates", "date texts", "prose"],
)
def test_what_merely_varies_is_not(values):
    assert not accused(values)


def test_a_key_by_name():
    values = RNG.choice(10**9, N, replace=False)
    assert accused(values, "user_id")
    assert not accused(values, "income")


def test_few_rows_accuse_nobody():
    frame = pd.DataFrame({"it": range(12), "target": [0, 1] * 6})
    assert "identifier" not in {finding.kind for finding in inspect(frame, target="target")}
