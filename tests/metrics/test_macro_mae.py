from __future__ import annotations

import numpy as np
import pytest
from imblearn.metrics import macro_averaged_mean_absolute_error

from steelyard.metrics import macro_mae


def test_equals_imbalanced_learn(binary, many) -> None:
    for y, _, decisions, weight in (binary, many):
        met = y != 3
        decided = np.where(decisions == 3, 2, decisions)  # it knows no class that is decided but absent
        kept = None if weight is None else weight[met]
        expected = macro_averaged_mean_absolute_error(y[met], decided[met], sample_weight=kept)
        assert macro_mae(y, decided, sample_weight=weight) == pytest.approx(expected, abs=1e-12)


def test_steps_count_and_absent_classes_do_not() -> None:
    assert macro_mae([0, 0, 3], [0, 1, 0], n_classes=6) == pytest.approx((0.5 + 3) / 2)
    assert np.isnan(macro_mae([0, 0], [0, 1]))
