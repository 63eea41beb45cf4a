from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from steelyard.race.compare import corrected_interval, simplest_good_enough


def test_the_correction_is_nadeau_and_bengios_by_hand() -> None:
    values = [0.1, 0.3, 0.2, 0.4]
    got = corrected_interval(values, test_share=0.2)
    s2 = np.var(values, ddof=1)
    se = np.sqrt((1 / 4 + 0.25) * s2)
    assert got.se == pytest.approx(se)
    assert got.high - got.mean == pytest.approx(stats.t.ppf(0.975, 3) * se)
    assert got.p_positive == pytest.approx(stats.t.cdf(0.25 / se, 3))


def test_undefined_folds_are_left_out_and_one_fold_has_no_interval() -> None:
    assert corrected_interval([np.nan, 0.5], test_share=0.2).mean == 0.5
    assert np.isnan(corrected_interval([0.5], test_share=0.2).se)
    assert corrected_interval([], test_share=0.2).folds == 0


def test_the_corrected_interval_covers_where_the_naive_one_does_not() -> None:
    """Differences of two learners without a difference, on overlapping training parts."""
    rng = np.random.default_rng(0)
    naive = corrected = 0
    for _ in range(400):
        pool = rng.normal(size=100)
        gaps = []
        for _ in range(15):
            rows = rng.permutation(100)
            gaps.append(pool[rows[:80]].mean() + 0.02 * rng.normal())
        gaps = np.array(gaps)
        half = stats.t.ppf(0.975, 14) * gaps.std(ddof=1) / np.sqrt(15)
        naive += abs(gaps.mean()) <= half
        interval = corrected_interval(gaps, test_share=0.2)
        corrected += interval.low <= 0 <= interval.high
    assert naive / 400 < 0.5
    assert corrected / 400 > naive / 400 + 0.1


def test_the_simplest_arm_within_one_standard_error_wins() -> None:
    best = [0.50, 0.52, 0.48, 0.51, 0.49]
    near = [0.49, 0.53, 0.47, 0.50, 0.49]
    far = [0.30, 0.32, 0.28, 0.31, 0.29]
    scores = {"complex": best, "simple": near, "simplest": far}
    order = {"complex": (2.0,), "simple": (1.0,), "simplest": (0.0,)}
    assert simplest_good_enough(scores, order, sign=1, test_share=0.2) == ("simple", "complex")


def test_lower_is_better_when_the_sign_says_so() -> None:
    scores = {"a": [1.0, 1.1, 0.9], "b": [5.0, 5.2, 4.9]}
    assert simplest_good_enough(scores, {"a": (1.0,), "b": (0.0,)}, sign=-1, test_share=0.3) == ("a", "a")


def test_equally_simple_arms_are_decided_by_their_mean() -> None:
    scores = {"a": [0.50, 0.50, 0.53], "b": [0.51, 0.50, 0.53]}
    assert simplest_good_enough(scores, {"a": (0.0,), "b": (0.0,)}, sign=1, test_share=0.3)[0] == "b"
