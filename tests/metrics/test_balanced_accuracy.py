from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import recall_score

from steelyard.metrics import balanced_accuracy


def test_is_scikit_learns_macro_recall(binary, many) -> None:
    for case, labels in ((binary, [0, 1]), (many, [0, 1, 2, 4])):
        expected = recall_score(
            case.y, case.decisions, labels=labels, average="macro", sample_weight=case.weight
        )
        got = balanced_accuracy(case.y, case.decisions, sample_weight=case.weight)
        assert got == pytest.approx(expected, abs=1e-12)


def test_an_absent_class_is_left_out_of_many_but_not_of_two() -> None:
    assert balanced_accuracy([0, 0, 2, 2], [0, 0, 1, 2]) == 0.75
    assert np.isnan(balanced_accuracy([0, 0], [0, 1]))
    assert np.isnan(balanced_accuracy([1, 1], [0, 1]))
