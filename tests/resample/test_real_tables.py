"""The same rows as imbalanced-learn on real tables, with their duplicates, ties and scales."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

import steelyard.resample as ours

under_sampling = pytest.importorskip("imblearn.under_sampling")

SAMPLERS = [
    ours.TomekLinks(sampling_strategy="all"),
    ours.EditedNearestNeighbours(),
    ours.EditedNearestNeighbours(sampling_strategy="all", kind_sel="mode"),
    ours.AllKNN(),
    ours.NeighbourhoodCleaningRule(),
    ours.OneSidedSelection(random_state=0, n_seeds_S=50),
    ours.NearMiss(),
]


@pytest.mark.parametrize("name", ["satellite", "musk", "annthyroid", "pendigits", "waveform"])
@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)
def test_the_same_rows(real_data, sampler, name):
    table = np.load(real_data / "tab_adbench" / f"{name}.npz")
    X, y = table["X"][:5000], table["y"][:5000]
    theirs = getattr(under_sampling, type(sampler).__name__)(**sampler.get_params(deep=False))
    mine = clone(sampler)
    mine.fit_resample(X, y)
    theirs.fit_resample(X, y)
    np.testing.assert_array_equal(mine.sample_indices_, theirs.sample_indices_)
