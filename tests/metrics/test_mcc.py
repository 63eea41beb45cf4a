from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

from steelyard.metrics import mcc


def test_equals_scikit_learn(binary, many) -> None:
    for y, _, decisions, weight in (binary, many):
        expected = matthews_corrcoef(y, decisions, sample_weight=weight)
        assert mcc(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_constant_decisions_are_worth_nothing_and_one_class_is_undefined(n_classes) -> None:
    weight = [0.1, 0.2, 0.3]
    assert mcc([0, 1, 1], [0, 0, 0], n_classes=n_classes, sample_weight=weight) == 0
    assert mcc([0, 1, 1], [1, 1, 1], n_classes=n_classes, sample_weight=weight) == 0
    assert np.isnan(mcc([1, 1, 1], [0, 1, 1], n_classes=n_classes, sample_weight=weight))
    assert np.isnan(mcc([0, 0, 0], [0, 0, 0], n_classes=n_classes, sample_weight=weight))
