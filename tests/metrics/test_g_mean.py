from __future__ import annotations

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score

from steelyard.metrics import g_mean


def test_equals_imbalanced_learn(binary) -> None:
    expected = geometric_mean_score(binary.y, binary.decisions, sample_weight=binary.weight)
    got = g_mean(binary.y, binary.decisions, sample_weight=binary.weight)
    assert got == pytest.approx(expected, abs=1e-12)


def test_equals_imbalanced_learn_on_many_classes(many) -> None:
    expected = geometric_mean_score(
        many.y, many.decisions, labels=[0, 1, 2, 4], average="multiclass", sample_weight=many.weight
    )
    got = g_mean(many.y, many.decisions, sample_weight=many.weight)
    assert got == pytest.approx(expected, abs=1e-12)


def test_one_lost_class_loses_all() -> None:
    assert g_mean([0, 1, 1], [0, 0, 0]) == 0
    assert g_mean([0, 1, 2], [0, 1, 1]) == 0


def test_many_classes_do_not_underflow() -> None:
    y = np.repeat(np.arange(2000), 2)
    decisions = y.copy()
    decisions[::2] = (y[::2] + 1) % 2000
    assert g_mean(y, decisions) == pytest.approx(0.5)


def test_undefined_with_one_of_two_classes() -> None:
    assert np.isnan(g_mean([0, 0], [0, 1]))
    assert np.isnan(g_mean([1, 1], [0, 1]))
