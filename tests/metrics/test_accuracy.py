from __future__ import annotations

import pytest
from sklearn.metrics import accuracy_score

from steelyard.metrics import accuracy


def test_equals_scikit_learn(binary, many) -> None:
    for y, _, decisions, weight in (binary, many):
        expected = accuracy_score(y, decisions, sample_weight=weight)
        assert accuracy(y, decisions, sample_weight=weight) == pytest.approx(expected, abs=1e-12)
