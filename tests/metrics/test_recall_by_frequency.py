from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import recall_score

from steelyard.core import Prior, TargetError
from steelyard.metrics import recall_by_frequency

PRIOR = Prior(("a", "b", "c", "d", "e"), np.array([500.0, 101, 100, 20, 19]))


def test_is_the_mean_recall_of_each_group(many) -> None:
    recalls = recall_score(many.y, many.decisions, labels=range(5), average=None, zero_division=np.nan)
    got = recall_by_frequency(many.y, many.decisions, PRIOR)
    # class d never occurs in the truth and is left out
    assert got["many"] == pytest.approx((recalls[0] + recalls[1]) / 2)
    assert got["medium"] == pytest.approx(recalls[2])
    assert got["few"] == pytest.approx(recalls[4])


def test_limits_move_classes_and_weights_count() -> None:
    got = recall_by_frequency([0, 0, 4], [0, 1, 4], PRIOR, many=400, few=400, sample_weight=[3, 1, 1])
    assert got["many"] == 0.75
    assert np.isnan(got["medium"])
    assert got["few"] == 1


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(TargetError, match="5 classes"):
        recall_by_frequency([5], [0], PRIOR)
