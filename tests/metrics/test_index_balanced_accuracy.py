from __future__ import annotations

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score, make_index_balanced_accuracy
from sklearn.metrics import recall_score

from steelyard.metrics import index_balanced_accuracy


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5])
def test_equals_imbalanced_learn(binary, alpha) -> None:
    reference = make_index_balanced_accuracy(alpha=alpha, squared=True)(geometric_mean_score)
    expected = reference(binary.y, binary.decisions, average="binary")
    assert index_balanced_accuracy(binary.y, binary.decisions, alpha=alpha) == pytest.approx(
        expected, abs=1e-12
    )


def test_weights_count(binary) -> None:
    tnr, tpr = recall_score(binary.y, binary.decisions, average=None, sample_weight=binary.weight)
    got = index_balanced_accuracy(binary.y, binary.decisions, sample_weight=binary.weight)
    assert got == pytest.approx((1 + 0.1 * (tpr - tnr)) * tpr * tnr, abs=1e-12)


def test_macro_mean_over_present_classes(many) -> None:
    each = [
        index_balanced_accuracy(many.y == k, many.decisions == k, sample_weight=many.weight)
        for k in (0, 1, 2, 4)
    ]
    got = index_balanced_accuracy(many.y, many.decisions, sample_weight=many.weight)
    assert got == pytest.approx(np.mean(each), abs=1e-12)


def test_undefined_with_one_class() -> None:
    assert np.isnan(index_balanced_accuracy([0, 0], [0, 1]))
