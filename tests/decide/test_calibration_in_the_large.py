from __future__ import annotations

import numpy as np
import pytest

from steelyard.decide import calibration_in_the_large


def test_by_hand() -> None:
    assert calibration_in_the_large([0.5, 0.5, 0.5, 0.5], [0, 0, 0, 1]) == 2
    assert calibration_in_the_large([[0.5, 0.5], [0.9, 0.1]], [0, 1]) == pytest.approx(0.6)
    assert calibration_in_the_large([0.5, 0.1], [0, 1], [1, 3]) == pytest.approx((0.5 + 0.3) / 3)


def test_many_classes_give_the_worst_ratio_of_a_class_that_occurs() -> None:
    p = np.tile([0.7, 0.25, 0.03, 0.02], (100, 1))
    y = np.repeat([0, 1, 2], [74, 20, 6])
    assert calibration_in_the_large(p, y) == pytest.approx(0.5)  # class 2: 3 promised, 6 came


def test_no_positives_have_no_ratio() -> None:
    assert np.isnan(calibration_in_the_large([0.5, 0.5], [0, 0]))
