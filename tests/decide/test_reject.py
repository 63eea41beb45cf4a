from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import UsageError
from steelyard.decide import ArgMax, ExpectedCost, Reject


def test_by_hand() -> None:
    p = np.array([[0.95, 0.05], [0.7, 0.3], [0.2, 0.8]])
    assert Reject(0.2)(p).tolist() == [False, True, False]
    assert Reject(0.1)(p[:, 1]).tolist() == [False, True, True]
    assert Reject(0.5)(p).any() is np.False_


def test_with_a_cost_matrix() -> None:
    # least expected costs: min(9 * .05, .95), min(9 * .3, .7), min(9 * .8, .2)
    assert Reject(0.4, [[0, 9], [1, 0]])([0.05, 0.3, 0.8]).tolist() == [True, True, False]


def test_rejecting_by_the_rule_costs_least() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 20_000)
    y = (p.cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1)
    price, matrix = 0.4, np.array([[0, 1, 3], [1, 0, 2], [1, 1, 0.0]])

    def spent(rejected: np.ndarray) -> float:
        decided = ExpectedCost(matrix).decide(p)
        return float(np.where(rejected, price, matrix[decided, y]).mean())

    best = spent(Reject(price, matrix)(p))
    for other in (0.0, 0.2, 0.3, 0.5, 0.6, 1.0):
        assert best < spent(Reject(other, matrix)(p))


def test_uniform_costs_are_the_default() -> None:
    p = np.random.default_rng(0).dirichlet(np.ones(4), 200)
    assert Reject(0.3)(p).tolist() == Reject(0.3, 1 - np.eye(4))(p).tolist()
    kept = ~Reject(0.3)(p)
    assert (p.max(axis=1)[kept] >= 0.7).all()
    assert len(ArgMax().decide(p[kept])) == kept.sum()


def test_a_negative_cost_is_refused() -> None:
    with pytest.raises(UsageError, match="cost of rejecting is -1"):
        Reject(-1)
