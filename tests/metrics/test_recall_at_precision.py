from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from steelyard.core import UsageError
from steelyard.metrics import recall_at_precision


@pytest.mark.parametrize("least", [0.3, 0.5, 0.9])
def test_is_the_best_point_of_scikit_learns_curve(binary, least) -> None:
    precision, recall, _ = precision_recall_curve(binary.y, binary.p, sample_weight=binary.weight)
    got = recall_at_precision(binary.y, binary.p, precision=least, sample_weight=binary.weight)
    assert got == pytest.approx(recall[precision >= least].max(), abs=1e-12)


def test_nothing_may_be_flagged_when_no_threshold_is_precise_enough() -> None:
    assert recall_at_precision([0, 1, 1], [3, 2, 1], precision=0.9) == 0


def test_a_precision_reached_exactly_counts_in_spite_of_rounding() -> None:
    # 0.9 of the weight, whose running sum is 0.8999999999999999
    weight = [0.3, 0.3, 0.3, 0.1]
    assert recall_at_precision([1, 1, 1, 0], [1, 1, 1, 1], precision=0.9, sample_weight=weight) == 1


def test_undefined_and_refused() -> None:
    assert np.isnan(recall_at_precision([0, 0], [0.1, 0.2]))
    with pytest.raises(UsageError, match="precision is 90"):
        recall_at_precision([0, 1], [0, 1], precision=90)
