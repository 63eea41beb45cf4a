from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from steelyard.core import DataError, TargetError
from steelyard.metrics import class_counts, confusion_matrix
from steelyard.metrics.counts import ratio


def test_matrix_and_counts_equal_scikit_learn(binary, many) -> None:
    for case, size in ((binary, 2), (many, 5)):
        matrix = confusion_matrix(case.y, case.decisions, sample_weight=case.weight, n_classes=size)
        expected = reference.confusion_matrix(
            case.y, case.decisions, labels=range(size), sample_weight=case.weight
        )
        assert matrix == pytest.approx(expected)
        weight = np.ones(len(case.y)) if case.weight is None else case.weight
        for k in range(size):
            truth, decided = case.y == k, case.decisions == k
            got = [count[k] for count in class_counts(matrix)]
            parts = (truth & decided, ~truth & decided, truth & ~decided, ~truth & ~decided)
            assert got == pytest.approx([weight[part].sum() for part in parts], abs=1e-9)


def test_weights_leave_no_dust_where_a_count_is_zero() -> None:
    matrix = confusion_matrix([2] * 6, [0, 1, 2, 2, 1, 0], sample_weight=[0.1, 0.2, 0.3, 0.4, 0.7, 0.6])
    assert class_counts(matrix).tn[2] == 0
    assert class_counts(matrix).fp[2] == 0


def test_ratio_is_nan_over_zero() -> None:
    assert ratio([1, 0], [2, 0]).tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert ratio(1, 4).shape == ()


@pytest.mark.parametrize(
    ("y", "decisions", "options", "error"),
    [
        ([0, 1], [0], {}, DataError),
        ([0, 3], [0, 1], {"n_classes": 3}, TargetError),
        ([0, 1], [0, 3], {"n_classes": 3}, TargetError),
        ([0, 1], [0, -1], {}, TargetError),
        ([0, 1], [0, 0.7], {}, TargetError),
        (["a", "b"], [0, 1], {}, TargetError),
        ([0, 1], [0, 1], {"sample_weight": [1]}, DataError),
    ],
)
def test_what_cannot_be_counted_is_refused(y, decisions, options, error) -> None:
    with pytest.raises(error):
        confusion_matrix(y, decisions, **options)
