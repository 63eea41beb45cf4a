"""Out-of-fold probabilities: honest, on the scale of the whole table, repeatable."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnose.crossfit import out_of_fold
from steelyard.metrics import roc_auc


def test_noise_scores_no_better_than_chance():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1500, 8)).astype(np.float32), (rng.random(1500) < 0.2).astype(np.int64)
    assert roc_auc(y, out_of_fold(X, y, 2, seed=0)[:, 1]) == pytest.approx(0.5, abs=0.06)


def test_copies_of_a_row_in_one_group_give_nothing_away():
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(300, 6)), 4, axis=0).astype(np.float32)
    y = np.repeat((rng.random(300) < 0.3).astype(np.int64), 4)
    torn = roc_auc(y, out_of_fold(X, y, 2, seed=0)[:, 1])
    kept = roc_auc(y, out_of_fold(X, y, 2, seed=0, groups=np.repeat(np.arange(300), 4))[:, 1])
    assert torn > 0.8
    assert kept < 0.6


@pytest.mark.parametrize("n_classes", [2, 4])
def test_rows_are_probabilities_and_repeat(n_classes):
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, 400)
    X = (rng.normal(size=(400, 3)) + y[:, None]).astype(np.float32)
    p = out_of_fold(X, y, n_classes, seed=3)
    assert p.shape == (400, n_classes)
    assert p.sum(axis=1) == pytest.approx(np.ones(400))
    assert (p == out_of_fold(X, y, n_classes, seed=3)).all()
    assert (p != out_of_fold(X, y, n_classes, seed=4)).any()


def test_weights_bring_the_prevalence_back():
    rng = np.random.default_rng(0)
    y = (np.arange(2000) % 2).astype(np.int64)
    X = (rng.normal(size=(2000, 3)) + 0.5 * y[:, None]).astype(np.float32)
    weight = np.where(y == 1, 1.0, 49.0)
    p = out_of_fold(X, y, 2, seed=0, weight=weight)[:, 1]
    assert np.average(p, weights=weight) == pytest.approx(0.02, rel=0.4)
