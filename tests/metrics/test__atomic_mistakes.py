"""What exchanging neighbours in the wrong order is worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from steelyard.core import DataError
from steelyard.data import sample_at_auroc
from steelyard.metrics import atomic_mistakes, average_precision, roc_auc


def test_every_exchange_gains_what_is_said() -> None:
    for seed in range(5):
        y, scores = sample_at_auroc(300, 0.8, 0.1, seed=seed)
        found = atomic_mistakes(y, scores)
        assert len(found.rank) > 10
        assert (np.diff(found.rank) > 0).all()
        for low, high, gain in zip(found.positives, found.negatives, found.ap_gain, strict=True):
            swapped = scores.copy()
            swapped[[low, high]] = scores[[high, low]]
            assert roc_auc(y, swapped) - roc_auc(y, scores) == pytest.approx(found.auroc_gain, abs=1e-12)
            assert average_precision(y, swapped) - average_precision(y, scores) == pytest.approx(
                gain, abs=1e-12
            )


def test_average_precision_gains_most_at_the_top() -> None:
    found = [atomic_mistakes(*sample_at_auroc(1000, 0.85, 0.1, seed=seed)) for seed in range(20)]
    order = [spearmanr(1 / one.rank, one.ap_gain).statistic for one in found]
    assert np.mean(order) > 0.9


def test_perfect_rankings_have_none_and_ties_are_refused() -> None:
    assert len(atomic_mistakes([1, 1, 0], [0.9, 0.8, 0.1]).rank) == 0
    assert len(atomic_mistakes([0, 0], [0.9, 0.8]).rank) == 0
    with pytest.raises(DataError, match="add a small jitter"):
        atomic_mistakes([1, 0], [0.5, 0.5])
