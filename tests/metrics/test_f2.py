from __future__ import annotations

import pytest
from sklearn.metrics import fbeta_score

from steelyard.metrics import f2


def test_equals_scikit_learn(binary, many) -> None:
    y, _, decisions, weight = binary
    expected = fbeta_score(y, decisions, beta=2, sample_weight=weight)
    assert f2(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)
    y, _, decisions, weight = many
    expected = fbeta_score(y, decisions, beta=2, labels=[0, 1, 2, 4], average="macro", sample_weight=weight)
    assert f2(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)
