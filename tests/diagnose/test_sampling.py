"""Thinning keeps what is rare."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnose.sampling import keep_rare, keep_shares, row_weights

Y = np.repeat([0, 1, 2], [9_000, 900, 100])


@pytest.mark.parametrize("limit", [300, 1_000, 2_500, 20_000])
def test_rare_rows_stay(limit):
    kept = keep_rare(Y, limit, np.random.default_rng(0))
    counts = np.bincount(Y[kept])
    assert len(kept) <= max(limit, 0)
    assert len(kept) > min(limit, len(Y)) - 3
    assert (np.diff(kept) > 0).all()
    ceiling = counts.max()
    assert counts.tolist() == np.minimum([9_000, 900, 100], ceiling).tolist()


def test_weights_bring_the_whole_back():
    kept = keep_rare(Y, 1_000, np.random.default_rng(0))
    weight = row_weights(Y, kept)
    assert np.bincount(Y[kept], weights=weight).tolist() == pytest.approx([9_000, 900, 100])


def test_shares_are_kept_above_the_floor():
    kept = keep_shares(Y, 1_000, np.random.default_rng(0), 50)
    assert np.bincount(Y[kept]).tolist() == [900, 90, 50]
    assert len(keep_shares(Y[:50], 1_000, np.random.default_rng(0), 50)) == 50


def test_the_generator_decides():
    first, second, other = (keep_rare(Y, 500, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == second).all()
    assert (first != other).any()
