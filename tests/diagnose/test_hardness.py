"""Hardness of single rows."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnose import disagreement, wrong_class_probability
from steelyard.diagnose.neighbours import neighbourhood


def test_kdn_by_hand():
    X = np.array([[0.0], [0.1], [0.2], [0.3], [0.4], [0.25]], dtype=np.float32)
    y = np.array([0, 0, 0, 0, 0, 1])
    hard = disagreement(y, neighbourhood(X, y, limit=10, seed=0))
    assert hard.tolist() == pytest.approx([0.2] * 5 + [1.0])


def test_wrong_class_probability_reads_the_own_class():
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    assert wrong_class_probability(np.array([1, 2]), p).tolist() == pytest.approx([0.8, 0.2])
