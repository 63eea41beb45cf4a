from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_score

from steelyard.metrics import precision


def test_equals_scikit_learn(binary, many) -> None:
    y, _, decisions, weight = binary
    expected = precision_score(y, decisions, sample_weight=weight)
    assert precision(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)
    y, _, decisions, weight = many
    expected = precision_score(y, decisions, labels=[0, 1, 2, 4], average="macro", sample_weight=weight)
    assert precision(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)


def test_undefined_when_nothing_is_flagged() -> None:
    assert np.isnan(precision([0, 1], [0, 0]))
    assert precision([0, 0], [0, 1]) == 0


def test_a_class_never_decided_counts_zero_in_the_macro_mean() -> None:
    assert precision([0, 0, 1, 2], [0, 0, 1, 1]) == pytest.approx((1 + 0.5 + 0) / 3)
