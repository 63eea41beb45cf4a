from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from steelyard.metrics import roc_auc


def test_equals_scikit_learn(binary) -> None:
    got = roc_auc(binary.y, binary.p, sample_weight=binary.weight)
    assert got == pytest.approx(roc_auc_score(binary.y, binary.p, sample_weight=binary.weight), abs=1e-12)


def test_macro_mean_leaves_out_the_absent_class(many) -> None:
    present = [0, 1, 2, 4]
    expected = roc_auc_score(
        np.eye(5)[many.y][:, present], many.p[:, present], average="macro", sample_weight=many.weight
    )
    assert roc_auc(many.y, many.p, sample_weight=many.weight) == pytest.approx(expected, abs=1e-12)


def test_counts_pairs_with_ties_as_halves() -> None:
    rng = np.random.default_rng(0)
    y, s, w = rng.integers(2, size=60), rng.integers(5, size=60), rng.random(60)
    pos, neg = y == 1, y == 0
    wins = (s[pos][:, None] > s[neg]) + 0.5 * (s[pos][:, None] == s[neg])
    pairs = np.outer(w[pos], w[neg])
    assert roc_auc(y, s, sample_weight=w) == pytest.approx((wins * pairs).sum() / pairs.sum(), abs=1e-12)


def test_is_one_minus_the_mean_false_positive_rate_at_positives() -> None:
    # card 016, without ties
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(5, 60))
        y = rng.permutation(np.r_[0, 1, (rng.random(n) < rng.random()).astype(int)])
        s = rng.permutation(n + 2) + rng.random() * y
        fpr = np.array([(s[y == 0] >= t).mean() for t in s[y == 1]])
        assert roc_auc(y, s) == pytest.approx(1 - fpr.mean(), abs=1e-12)


def test_fixing_one_atomic_mistake_gains_one_pair() -> None:
    y, s = np.array([1, 0, 1, 1, 0, 0, 1]), np.arange(7, 0, -1.0)
    for i in (1, 5):
        fixed = y.copy()
        fixed[[i, i + 1]] = 1, 0
        assert roc_auc(fixed, s) - roc_auc(y, s) == pytest.approx(1 / 12, abs=1e-12)


@pytest.mark.parametrize("y", [[0, 0], [1, 1]])
def test_undefined_with_one_class(y) -> None:
    assert np.isnan(roc_auc(y, [0.1, 0.2]))
