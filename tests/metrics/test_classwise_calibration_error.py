from __future__ import annotations

import numpy as np
import pytest

from steelyard.metrics import (
    calibration_bins,
    calibration_error_by_class,
    classwise_calibration_error,
    expected_calibration_error,
)


@pytest.mark.parametrize("binning", ["static", "adaptive"])
def test_each_column_is_a_binary_problem(many, binning) -> None:
    each = [
        calibration_bins(
            (many.y == k).astype(int), many.p[:, k], binning=binning, sample_weight=many.weight
        ).gap
        for k in range(5)
    ]
    got = calibration_error_by_class(many.y, many.p, binning=binning, sample_weight=many.weight)
    assert got == pytest.approx(each, abs=1e-12)
    mean = classwise_calibration_error(many.y, many.p, binning=binning, sample_weight=many.weight)
    assert mean == pytest.approx(np.mean(each), abs=1e-12)


def test_both_columns_of_two_classes_agree() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(200)
    y = (rng.random(200) < p**2).astype(int)
    assert calibration_error_by_class(y, p) == pytest.approx(
        [expected_calibration_error(y, p)] * 2, abs=1e-12
    )
