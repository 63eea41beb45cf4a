from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from steelyard.metrics import cohen_kappa


def test_equals_scikit_learn(binary, many) -> None:
    for y, _, decisions, weight in (binary, many):
        expected = cohen_kappa_score(y, decisions, sample_weight=weight)
        assert cohen_kappa(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_undefined_only_when_one_class_is_all_there_is(n_classes) -> None:
    assert np.isnan(cohen_kappa([1, 1], [1, 1], n_classes=n_classes, sample_weight=[0.1, 0.2]))
    assert cohen_kappa([0, 1], [1, 1], n_classes=n_classes) == 0
