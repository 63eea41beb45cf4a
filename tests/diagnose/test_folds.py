"""Folds spread classes and keep groups whole."""

from __future__ import annotations

import numpy as np

from steelyard.diagnose.folds import deal_folds


def test_every_fold_has_its_share():
    y = np.repeat([0, 1, 2], [100, 10, 5])
    fold = deal_folds(y, 5, np.random.default_rng(0))
    for k, n in ((0, 20), (1, 2), (2, 1)):
        assert np.bincount(fold[y == k], minlength=5).tolist() == [n] * 5


def test_groups_stay_whole_and_rare_ones_spread():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 60, 600)
    y = (groups < 10).astype(np.int64) * (rng.random(600) < 0.5)
    fold = deal_folds(y, 5, rng, groups)
    assert all(len(np.unique(fold[groups == group])) == 1 for group in np.unique(groups))
    with_rare = np.unique(groups[y == 1])
    assert np.bincount([fold[groups == group][0] for group in with_rare], minlength=5).tolist() == [2] * 5
