from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from steelyard.core import UsageError
from steelyard.metrics import precision_at_recall


@pytest.mark.parametrize("least", [0.1, 0.5, 0.9, 1.0])
def test_is_the_best_point_of_scikit_learns_curve(binary, least) -> None:
    precision, recall, _ = precision_recall_curve(binary.y, binary.p, sample_weight=binary.weight)
    got = precision_at_recall(binary.y, binary.p, recall=least, sample_weight=binary.weight)
    assert got == pytest.approx(precision[:-1][recall[:-1] >= least - 1e-12].max(), abs=1e-12)


def test_flagging_all_bounds_it_from_below() -> None:
    assert precision_at_recall([1, 0, 0, 0], [0, 1, 2, 3]) == 0.25


def test_undefined_and_refused() -> None:
    assert np.isnan(precision_at_recall([0, 0], [0.1, 0.2]))
    with pytest.raises(UsageError, match="recall is 0"):
        precision_at_recall([0, 1], [0, 1], recall=0)
