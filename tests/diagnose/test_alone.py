"""How well one column alone tells classes apart."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnose.alone import Sample, category_aucs, direct_aucs, number_aucs, promising
from steelyard.diagnose.columns import Coded
from steelyard.diagnose.folds import deal_folds


def sample_of(y: np.ndarray) -> Sample:
    n_classes = int(y.max()) + 1
    fold = deal_folds(y, 3, np.random.default_rng(0))
    return Sample(np.arange(len(y)), y, fold, np.arange(n_classes), n_classes)


Y = (np.arange(900) % 9 == 0).astype(np.int64)
SAMPLE = sample_of(Y)
RNG = np.random.default_rng(1)


def test_direct_by_hand():
    sample = sample_of(np.array([0, 0, 1, 1]))
    assert direct_aucs(np.array([0.1, 0.4, 0.35, 0.8]), sample).tolist() == [0.75, 0.75]
    assert direct_aucs(-np.array([0.1, 0.4, 0.35, 0.8]), sample).tolist() == [0.75, 0.75]


def test_many_categories_of_noise_are_worth_nothing():
    for levels in (3, 30, 300, 900):
        assert category_aucs(RNG.integers(0, levels, 900), SAMPLE).max() < 0.62


def test_categories_that_name_the_class_are_found():
    codes = np.where(Y == 1, RNG.integers(0, 4, 900), RNG.integers(4, 10, 900))
    assert category_aucs(codes, SAMPLE).min() > 0.999


def test_a_gap_in_the_middle_is_found_at_any_scale():
    inside = np.where(Y == 1, RNG.uniform(-1, 1, 900), RNG.choice([-1, 1], 900) * RNG.uniform(1.5, 3, 900))
    for values in (inside, 1e9 + inside, inside * 1e-9, np.where(np.abs(inside) > 2.9, np.inf, inside)):
        assert number_aucs(values, SAMPLE).min() > 0.995


def test_noise_with_holes_is_worth_nothing():
    values = np.where(RNG.random(900) < 0.3, np.nan, RNG.normal(size=900))
    assert number_aucs(values, SAMPLE).max() < 0.62


@pytest.mark.parametrize("strength", [0, 1, 3, 8])
def test_what_is_screened_out_could_not_have_been_a_leak(strength):
    values = RNG.normal(size=900) + strength * Y
    column = Coded(values.argsort().argsort(), 900, ordered=True)
    assert promising(column, SAMPLE) or number_aucs(values, SAMPLE).mean() < 0.95
    assert promising(column, SAMPLE) is (strength >= 3)
