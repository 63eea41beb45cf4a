from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from steelyard.metrics import brier_by_class, stratified_brier


def test_is_scikit_learns_score_of_each_class(many) -> None:
    weight = np.ones(len(many.y)) if many.weight is None else many.weight
    each = [
        brier_score_loss(
            many.y[many.y == k], many.p[many.y == k], labels=range(5), sample_weight=weight[many.y == k]
        )
        for k in (0, 1, 2, 4)
    ]
    got = brier_by_class(many.y, many.p, sample_weight=many.weight)
    assert got[[0, 1, 2, 4]] == pytest.approx(each, abs=1e-12)
    assert np.isnan(got[3])
    assert stratified_brier(many.y, many.p, sample_weight=many.weight) == pytest.approx(
        np.mean(each), abs=1e-12
    )


def test_by_hand() -> None:
    assert stratified_brier([1, 0, 0], [0.5, 0.1, 0.3]) == pytest.approx((0.25 + (0.01 + 0.09) / 2) / 2)


@pytest.mark.parametrize("y", [[0, 0], [1, 1]])
def test_undefined_with_one_class(y) -> None:
    assert np.isnan(stratified_brier(y, [0.1, 0.2]))
