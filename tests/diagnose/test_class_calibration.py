from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, TooFewSamples
from steelyard.decide import PriorCorrection
from steelyard.diagnose import calibration_by_class
from steelyard.metrics import calibration_error_by_class


def test_by_hand() -> None:
    p = [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1], [0.8, 0.1, 0.1]]
    found = calibration_by_class([0, 0, 1, 0], p, n_bins=5)
    assert found.observed.tolist() == [0.75, 0.25, 0]
    assert found.predicted == pytest.approx([2.1 / 4, 1.5 / 4, 0.1])
    assert found.ratio[:2] == pytest.approx([0.7, 1.5])
    assert found.confidence[:2] == pytest.approx([(0.6 + 0.5 + 0.8) / 3, 0.7])
    assert found.precision[:2] == pytest.approx([2 / 3, 0])
    assert np.isnan([found.ratio[2], found.confidence[2], found.precision[2]]).all()
    assert found.error == pytest.approx(calibration_error_by_class([0, 0, 1, 0], p, n_bins=5))


def test_probabilities_of_another_prior_show_as_the_ratio_of_the_priors() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=40_000)
    natural = np.exp(x - 3) / (1 + np.exp(x - 3))
    y = (rng.random(len(x)) < natural).astype(int)
    assert calibration_by_class(y, natural).ratio == pytest.approx([1, 1], abs=0.03)
    share = y.mean()
    inflated = PriorCorrection([1 - share, share], [0.5, 0.5])(natural)
    worse = calibration_by_class(y, inflated)
    assert worse.ratio[1] > 4
    assert worse.error[1] > 10 * calibration_by_class(y, natural).error[1]
    assert worse.confidence[1] > worse.precision[1] + 0.3


def test_what_does_not_fit() -> None:
    with pytest.raises(TooFewSamples, match="no rows"):
        calibration_by_class([], np.zeros((0, 2)))
    with pytest.raises(DataError):
        calibration_by_class([0, 1, 1], [[0.5, 0.5]])
