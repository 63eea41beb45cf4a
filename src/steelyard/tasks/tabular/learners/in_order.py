"""Forests whose probabilities do not depend on the number of threads, to the last digit."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

__all__ = ["OrderedExtraTrees", "OrderedForest"]


class _InOrder:
    """Sums trees in their order: sums of floats differ in the last digit when threads change the order."""

    n_jobs: int | None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grow the trees; rows mapped read-only are copied, as scikit-learn's search for gaps cannot read them."""
        if isinstance(X, np.ndarray) and not X.flags.writeable:
            X = X.copy()
        return super().fit(X, y, sample_weight)  # type: ignore[misc,no-any-return]  # the forest beside this class

    def predict_proba(self, X: Any) -> Any:
        """The mean of the trees' class probabilities (n, K)."""
        alone = copy.copy(self)
        alone.n_jobs = 1
        return super(_InOrder, alone).predict_proba(X)  # type: ignore[misc]  # the forest beside this class


class OrderedForest(_InOrder, RandomForestClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's random forest, summed in order.

    When to use it: through `random_forest`; alone, wherever results must not change with the number of threads.
    """


class OrderedExtraTrees(_InOrder, ExtraTreesClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's extremely randomised trees, summed in order.

    When to use it: through `extra_trees`; alone, wherever results must not change with the number of threads.
    """
