from __future__ import annotations

import numpy as np
import pytest

from steelyard.metrics import adaptive_calibration_error, expected_calibration_error


def test_equals_a_loop_over_equal_chunks() -> None:
    rng = np.random.default_rng(3)
    p = np.sort(rng.beta(0.3, 20, size=600))
    y = (rng.random(600) < 3 * p).astype(int)
    chunks = zip(np.split(p, 12), np.split(y, 12), strict=True)
    expected = np.mean([abs(a.mean() - b.mean()) for a, b in chunks])
    shuffled = rng.permutation(600)
    got = adaptive_calibration_error(y[shuffled], p[shuffled], n_bins=12)
    assert got == pytest.approx(expected, abs=1e-12)


def test_sees_what_equal_width_hides() -> None:
    # 2 % and 4 % are predicted where 4 % and 2 % happen; one wide bin averages both away
    p = np.repeat([0.02, 0.04], 500)
    y = np.r_[np.arange(500) < 20, np.arange(500) < 10].astype(int)
    assert expected_calibration_error(y, p) == pytest.approx(0, abs=1e-12)
    assert adaptive_calibration_error(y, p) == pytest.approx(0.02)
