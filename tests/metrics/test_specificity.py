from __future__ import annotations

import numpy as np
import pytest
from imblearn.metrics import specificity_score
from sklearn.metrics import recall_score

from steelyard.metrics import specificity


def test_equals_imbalanced_learn_without_weights(binary) -> None:
    # with weights imbalanced-learn 0.14 mixes row counts into the weighted ones
    expected = specificity_score(binary.y, binary.decisions)
    assert specificity(binary.y, binary.decisions) == pytest.approx(expected, abs=1e-12)


def test_is_the_recall_of_negatives(binary) -> None:
    expected = recall_score(binary.y, binary.decisions, pos_label=0, sample_weight=binary.weight)
    got = specificity(binary.y, binary.decisions, sample_weight=binary.weight)
    assert got == pytest.approx(expected, abs=1e-12)


def test_macro_mean_over_present_classes(many) -> None:
    weight = np.ones(len(many.y)) if many.weight is None else many.weight
    each = [np.average(many.decisions[many.y != k] != k, weights=weight[many.y != k]) for k in (0, 1, 2, 4)]
    got = specificity(many.y, many.decisions, sample_weight=many.weight)
    assert got == pytest.approx(np.mean(each), abs=1e-12)


def test_undefined_without_negatives() -> None:
    assert np.isnan(specificity([1, 1], [0, 1]))
    assert np.isnan(specificity([2, 2], [0, 1], sample_weight=[0.1, 0.2]))
