from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from steelyard.metrics import corrected_interval


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
