"""Forests whose probabilities do not depend on the number of threads, to the last digit."""

from __future__ import annotations

import copy
from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

__all__ = ["OrderedExtraTrees", "OrderedForest"]


class _InOrder:
    """Sums trees in their order: sums of floats differ in the last digit when threads change the order."""

    n_jobs: int | None

    def predict_proba(self, X: Any) -> Any:
        """The mean of the trees' class probabilities (n, K)."""
        alone = copy.copy(self)
        alone.n_jobs = 1
        return super(_InOrder, alone).predict_proba(X)  # type: ignore[misc]  # the forest beside this class has it


class OrderedForest(_InOrder, RandomForestClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's random forest, summed in order."""


class OrderedExtraTrees(_InOrder, ExtraTreesClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's extremely randomised trees, summed in order."""
