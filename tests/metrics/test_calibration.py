from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from steelyard.core import DataError, TargetError, UsageError
from steelyard.metrics import calibration_bins


@pytest.mark.parametrize(("binning", "strategy"), [("static", "uniform"), ("adaptive", "quantile")])
def test_bins_equal_scikit_learns_curve(binning, strategy) -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 4, size=1000)
    y = (rng.random(1000) < p).astype(int)
    observed, predicted = calibration_curve(y, p, n_bins=10, strategy=strategy)
    bins = calibration_bins(y, p, n_bins=10, binning=binning)
    assert bins.predicted == pytest.approx(predicted, abs=1e-12)
    assert bins.observed == pytest.approx(observed, abs=1e-12)
    assert bins.weight.sum() == 1000


def test_adaptive_bins_hold_equal_weight_and_never_split_ties() -> None:
    p = np.repeat([0.1, 0.2, 0.3, 0.4], [1, 1, 1, 9])
    bins = calibration_bins(np.zeros(12, dtype=int), p, n_bins=3, binning="adaptive")
    assert bins.weight.tolist() == [3, 9]
    assert bins.predicted == pytest.approx([0.2, 0.4])
    assert (
        calibration_bins([0, 1] * 6, np.linspace(0, 1, 12), n_bins=4, binning="adaptive").weight.tolist()
        == [3] * 4
    )


def test_edges_belong_to_the_upper_bin_and_one_to_the_last() -> None:
    bins = calibration_bins([0, 1, 1], [0.0, 0.5, 1.0], n_bins=2)
    assert bins.weight.tolist() == [1, 2]


def test_weightless_rows_do_not_count() -> None:
    bins = calibration_bins([0, 1, 1], [0.1, 0.6, 0.9], n_bins=10, sample_weight=[1, 0, 2])
    assert bins.predicted == pytest.approx([0.1, 0.9])
    assert bins.weight.tolist() == [1, 2]


def test_bad_input_is_refused() -> None:
    with pytest.raises(UsageError, match="n_bins=0"):
        calibration_bins([0, 1], [0.1, 0.2], n_bins=0)
    with pytest.raises(UsageError, match="'equal'"):
        calibration_bins([0, 1], [0.1, 0.2], binning="equal")
    with pytest.raises(DataError):
        calibration_bins([0, 1], [0.1, 1.2])
    with pytest.raises(TargetError):
        calibration_bins([0, 2], [0.1, 0.2])
