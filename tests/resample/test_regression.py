"""The samplers for regression: hand values, sizes of the ranges, and the account of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes

from steelyard.core import DataError, UsageError
from steelyard.data import Relevance
from steelyard.resample import (
    SMOGN,
    SMOTER,
    GaussianNoiseRegression,
    RandomOverRegression,
    RandomUnderRegression,
)
from steelyard.resample.smogn import safe_distances

SAMPLERS = [
    SMOTER(random_state=0),
    SMOGN(random_state=0),
    GaussianNoiseRegression(random_state=0),
    RandomOverRegression(random_state=0),
    RandomUnderRegression(random_state=0),
]
named = pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)
ENDS = Relevance.through([(60, 1), (100, 0), (200, 0), (260, 1)])


def real():
    return load_diabetes(return_X_y=True)


def sizes(sampler, y):
    """Rows out whose target lies in each range of the rows in."""
    edges = [y[sampler.ranges_ == i].min() for i in range(1, sampler.ranges_.max() + 1)]
    return np.bincount(np.searchsorted(edges, y, side="right")), edges


@named
def test_the_account_adds_up(sampler):
    X, y = real()
    weight = np.random.default_rng(1).uniform(0.5, 2, size=len(X))
    chosen = clone(sampler).set_params(relevance=ENDS)
    out = chosen.resample(X, y, sample_weight=weight, groups=np.arange(len(y)) // 2, row=np.arange(len(y)))
    again = clone(chosen).resample(X, y)
    np.testing.assert_array_equal(out.X, again.X)
    np.testing.assert_array_equal(out.y, again.y)
    np.testing.assert_allclose(out.parents.sum(axis=1), 1)
    np.testing.assert_allclose(out.sample_weight, out.parents @ weight)
    np.testing.assert_array_equal(out.aligned["row"], out.indices)
    np.testing.assert_array_equal(out.groups, out.indices // 2)
    kept = out.origin >= 0
    np.testing.assert_array_equal(out.X[kept], X[out.origin[kept]])
    np.testing.assert_array_equal(out.y[kept], y[out.origin[kept]])
    rare = ENDS(out.y) >= 0.5
    assert out.prior.labels == ("normal", "rare")
    np.testing.assert_allclose(again.prior.counts, np.bincount(rare))
    np.testing.assert_allclose(out.prior.counts, np.bincount(rare, out.sample_weight))


@named
def test_frames_and_whole_numbers_come_back(sampler):
    X, y = real()
    chosen = clone(sampler).set_params(relevance=ENDS)
    frame, targets = chosen.fit_resample(
        pd.DataFrame(X).add_prefix("x"), pd.Series(y.astype("int32"), name="progress")
    )
    assert isinstance(frame, pd.DataFrame)
    assert (targets.name, targets.dtype) == ("progress", "int32")
    made = chosen.origin_ < 0
    if type(sampler) is SMOTER:
        # targets on the line between the parents' are rounded, not cut off
        exact = chosen.parents_[made] @ y
        assert np.abs(targets[made] - exact).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("sampler", [SAMPLERS[0], SAMPLERS[1], SAMPLERS[2]])
def test_balance_gives_every_range_the_mean_size(sampler):
    X, y = real()
    chosen = clone(sampler).set_params(relevance=ENDS)
    _, _targets = chosen.fit_resample(X, y)
    before = np.bincount(chosen.ranges_)
    assert len(before) == 3
    mean = round(len(y) / 3)
    after = np.bincount(chosen.ranges_[chosen.sample_indices_])
    assert np.abs(after - mean).max() <= 1
    np.testing.assert_allclose(chosen.factors_, mean / before)


def test_extreme_turns_the_sizes_round():
    # sizes 8 and 2, mean 5: 25/8 and 25/2 scaled to sum to 10 are 2 and 8
    y = np.r_[np.arange(8.0), 100, 101]
    sampler = SMOTER(relevance=[(7, 0), (100, 1)], sampling_strategy="extreme", k_neighbors=1, random_state=0)
    sampler.fit_resample(y.reshape(-1, 1), y)
    np.testing.assert_allclose(sampler.factors_, [0.25, 4])
    assert np.bincount(sampler.ranges_[sampler.sample_indices_]).tolist() == [2, 8]


@pytest.mark.parametrize(
    ("sampler", "strategy", "expected"),
    [
        (
            RandomUnderRegression(),
            "balance",
            [10, 5, 5],
        ),  # the ten rare rows against ten normal ones: 5 + 5 rare
        (RandomOverRegression(), "balance", [40, 20, 20]),
        (RandomUnderRegression(), "extreme", [0, 5, 5]),
        (RandomOverRegression(), "extreme", [40, 320, 320]),
    ],
)
def test_random_sizes_by_hand(sampler, strategy, expected):
    y = np.r_[np.full(5, -9.0), np.zeros(40), np.full(5, 9.0)]
    chosen = clone(sampler).set_params(
        sampling_strategy=strategy, relevance=[(-9, 1), (0, 0), (9, 1)], random_state=0
    )
    chosen.fit_resample(y.reshape(-1, 1), y)
    low, middle, high = np.bincount(chosen.ranges_[chosen.sample_indices_], minlength=3)
    assert [middle, low, high] == expected


def test_smoter_targets_follow_the_place_on_the_line():
    X, y = real()
    sampler = SMOTER(relevance=ENDS, random_state=0)
    rows, targets = sampler.fit_resample(X, y)
    made = sampler.origin_ < 0
    np.testing.assert_allclose(rows[made], sampler.parents_[made] @ X, atol=1e-12)
    np.testing.assert_allclose(targets[made], sampler.parents_[made] @ y)
    # distances to both parents weigh the targets: the nearer one counts more
    one = np.flatnonzero(made)[0]
    parents = sampler.parents_[[one]].indices
    away = np.linalg.norm(X[parents] - rows[one], axis=1)
    assert targets[one] == pytest.approx((away[1] * y[parents[0]] + away[0] * y[parents[1]]) / away.sum())


def test_smogn_goes_towards_near_rows_and_makes_noise_else():
    X, y = real()
    sampler = SMOGN(relevance=ENDS, random_state=0)
    rows, _targets = sampler.fit_resample(X, y)
    made = np.flatnonzero(sampler.origin_ < 0)
    on_a_line = np.asarray((sampler.parents_[made] != 0).sum(axis=1)).ravel() == 2
    assert 0 < on_a_line.sum() < len(made)
    for row in made[on_a_line]:
        parents = sampler.parents_[[row]].indices
        start = sampler.sample_indices_[row]
        members = np.flatnonzero(sampler.ranges_ == sampler.ranges_[start])
        away = np.linalg.norm(X[parents[0]] - X[parents[1]])
        assert away < safe_distances(X[members])[np.searchsorted(members, start)]
    start = sampler.sample_indices_[made[~on_a_line]]
    moved = np.abs(rows[made[~on_a_line]] - X[start]).max(axis=0)
    assert (moved < 6 * 0.02 * X.std(axis=0) * 1.5).all()


def test_safe_distances_by_hand():
    # from 0 to the others 1, 4, 9: median 4
    assert safe_distances(np.array([[0.0], [1.0], [4.0], [9.0]]))[0] == 2


def test_noise_has_the_spread_that_was_asked_for():
    y = np.r_[np.zeros(1000), np.linspace(50, 60, 200)]
    X = np.column_stack([y, 3 * y])
    sampler = GaussianNoiseRegression(
        relevance=[(0, 0), (50, 1)], sampling_strategy=[1, 21], perturbation=0.1, random_state=0
    )
    rows, targets = sampler.fit_resample(X, y)
    made = sampler.origin_ < 0
    assert made.sum() == 4000
    noise = rows[made] - X[sampler.sample_indices_[made]]
    expected = 0.1 * X[1000:].std(axis=0, ddof=1)
    np.testing.assert_allclose(noise.std(axis=0), expected, rtol=0.05)
    assert np.std(targets[made] - y[sampler.sample_indices_[made]]) == pytest.approx(expected[0], rel=0.05)


def test_a_range_with_one_row_is_repeated_with_a_notice():
    y = np.r_[np.arange(9.0), 100]
    out = SMOTER(relevance=[(8, 0), (100, 1)], random_state=0).resample(y.reshape(-1, 1), y)
    assert set(out.y[out.origin < 0]) == {100}
    assert "repeated" in out.notices[0]


@pytest.mark.parametrize(
    "sampler",
    [
        SMOTER(threshold=0),
        SMOTER(sampling_strategy="even"),
        SMOTER(k_neighbors=0),
        SMOGN(perturbation=-1),
        SMOTER(sampling_strategy=[1, 2, 3, 4, 5]),
        RandomUnderRegression(relevance=[(0, 2), (1, 0)]),
    ],
)
def test_options_out_of_range(sampler):
    X, y = real()
    with pytest.raises(UsageError):
        sampler.fit_resample(X, np.r_[y[:-1], 4000])


def test_nothing_rare_and_no_numbers_are_refused():
    X, y = real()
    with pytest.raises(DataError, match="every target value is normal"):
        SMOTER().fit_resample(X, np.arange(len(X)))
    with pytest.raises(DataError, match="every target value is rare"):
        SMOTER(relevance=[(-2, 1), (-1, 1)]).fit_resample(X, y)
    with pytest.raises(DataError, match="something else than numbers"):
        SMOTER().fit_resample(X, np.array(["a"] * len(X)))
