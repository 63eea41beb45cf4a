from __future__ import annotations

import numpy as np
import pytest

from steelyard.decide import RowCosts, savings


def test_equals_empulse() -> None:
    savings_score = pytest.importorskip(
        "empulse.metrics", reason="an oracle; pip install 'steelyard[oracles]'"
    ).savings_score
    rng = np.random.default_rng(0)
    y, decisions = rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    costs = RowCosts(fp=rng.uniform(0, 5, 200), fn=rng.uniform(0, 50, 200))
    expected = savings_score(y, decisions, fp_cost=costs.fp, fn_cost=costs.fn)
    assert savings(y, decisions, costs) == pytest.approx(expected)


def test_perfect_constant_and_harmful_decisions() -> None:
    y, matrix = np.array([0, 0, 0, 1]), [[0, 9], [1, 0]]
    assert savings(y, y, matrix) == 1
    assert savings(y, [1, 1, 1, 1], matrix) == 0
    assert savings(y, [1, 1, 1, 0], matrix) == 1 - 12 / 3
    assert savings(y, [0, 1, 0, 1], matrix, sample_weight=[1, 0, 1, 1]) == 1


def test_many_classes() -> None:
    y = np.array([0, 1, 2, 2])
    matrix = 1 - np.eye(3)
    assert savings(y, [0, 0, 2, 2], matrix) == pytest.approx(1 - 1 / 2)


def test_undefined_where_treating_all_alike_costs_nothing() -> None:
    assert np.isnan(savings([0, 0], [0, 1], [[0, 9], [1, 0]]))
