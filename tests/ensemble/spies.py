"""A learner for tests that remembers what it was trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

SEEN: list[Any] = []


class Spy(ClassifierMixin, BaseEstimator):
    """Its probability of the rare class is the second column."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Spy:
        SEEN.append((X, y, sample_weight))
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X: Any) -> Any:
        rare = np.asarray(X)[:, 1]
        return np.c_[1 - rare, rare]


def card_rows() -> tuple[Any, Any]:
    """60 rows of hardness 0.1, 40 of hardness 0.9 and 20 rare rows."""
    hard = np.r_[np.full(60, 0.1), np.full(40, 0.9), np.full(20, 1.0)]
    return np.c_[np.arange(120.0), hard], np.r_[np.zeros(100, int), np.ones(20, int)]
