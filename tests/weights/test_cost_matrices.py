from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from steelyard.core import Prior, TooFewSamples
from steelyard.weights import inverse_costs, uniform_costs


def mean_cost(matrix: np.ndarray, y: np.ndarray, decisions: np.ndarray) -> float:
    return float(matrix[decisions, y].mean())


@pytest.fixture
def guesses() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.choice(3, size=500, p=[0.8, 0.15, 0.05])
    return y, np.where(rng.random(500) < 0.7, y, rng.integers(0, 3, 500))


def test_uniform_costs_are_the_error_rate(guesses: tuple[np.ndarray, np.ndarray]) -> None:
    y, decisions = guesses
    assert mean_cost(uniform_costs(Prior.of(y)), y, decisions) == pytest.approx((y != decisions).mean())


def test_inverse_costs_are_one_minus_balanced_accuracy(guesses: tuple[np.ndarray, np.ndarray]) -> None:
    y, decisions = guesses
    expected = 1 - balanced_accuracy_score(y, decisions)
    assert mean_cost(inverse_costs(Prior.of(y)), y, decisions) == pytest.approx(expected, abs=1e-12)


def test_inverse_costs_need_rows_of_every_class() -> None:
    with pytest.raises(TooFewSamples, match="'c'"):
        inverse_costs(Prior(("a", "b", "c"), np.array([5.0, 5.0, 0.0])))
