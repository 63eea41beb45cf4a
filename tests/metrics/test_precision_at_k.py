from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from steelyard.core import NotForMe, UsageError
from steelyard.metrics import precision_at_k


@pytest.mark.parametrize("k", [1, 7, 50, 300])
def test_counts_the_top_rows(k) -> None:
    rng = np.random.default_rng(k)
    y, s = rng.integers(2, size=300), rng.random(300)
    assert precision_at_k(y, s, k=k) == pytest.approx(y[np.argsort(-s)[:k]].mean(), abs=1e-12)


def test_ties_count_their_expectation_over_orders() -> None:
    y, s = np.array([1, 1, 0, 0, 1]), np.array([3, 2, 2, 2, 1])
    for k in range(1, 6):
        orders = [order for order in permutations(range(5)) if (np.diff(s[list(order)]) <= 0).all()]
        expected = np.mean([y[list(order)][:k].mean() for order in orders])
        assert precision_at_k(y, s, k=k) == pytest.approx(expected, abs=1e-12)


def test_weights_are_rows() -> None:
    assert precision_at_k([1, 0, 1], [3, 2, 1], k=4, sample_weight=[1, 2, 5]) == pytest.approx(2 / 4)


def test_fewer_rows_than_k_take_all() -> None:
    assert precision_at_k([1, 0, 0, 0], [3, 2, 1, 0], k=100) == 0.25


def test_undefined_and_refused() -> None:
    assert np.isnan(precision_at_k([0, 0], [0.1, 0.2]))
    with pytest.raises(UsageError, match="k is 0"):
        precision_at_k([0, 1], [0.1, 0.2], k=0)
    with pytest.raises(NotForMe, match="got 3 classes"):
        precision_at_k([0, 1, 2], np.eye(3))
