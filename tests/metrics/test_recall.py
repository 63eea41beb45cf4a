from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import recall_score

from steelyard.metrics import recall


def test_equals_scikit_learn(binary, many) -> None:
    y, _, decisions, weight = binary
    expected = recall_score(y, decisions, sample_weight=weight)
    assert recall(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)
    y, _, decisions, weight = many
    expected = recall_score(y, decisions, labels=[0, 1, 2, 4], average="macro", sample_weight=weight)
    assert recall(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)


def test_undefined_without_positives() -> None:
    assert np.isnan(recall([0, 0], [0, 1]))
    assert recall([1, 1], [0, 1]) == 0.5
