from __future__ import annotations

import pytest
from sklearn.metrics import brier_score_loss

from steelyard.metrics import brier


def test_equals_scikit_learn(binary) -> None:
    got = brier(binary.y, binary.p, sample_weight=binary.weight)
    assert got == pytest.approx(brier_score_loss(binary.y, binary.p, sample_weight=binary.weight), abs=1e-12)


def test_equals_scikit_learn_on_many_classes(many) -> None:
    got = brier(many.y, many.p, sample_weight=many.weight)
    expected = brier_score_loss(many.y, many.p, labels=range(5), sample_weight=many.weight)
    assert got == pytest.approx(expected, abs=1e-12)


def test_by_hand() -> None:
    assert brier([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([2], [[0.2, 0.3, 0.5]]) == pytest.approx(0.04 + 0.09 + 0.25)
