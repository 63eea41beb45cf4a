"""The random forest that judges the rows of large tables: its columns are cut into bins first."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from steelyard.core import Floats

__all__: list[str] = []

DRAWN = 0.5
"""Half of the rows without replacement spread as much as a bootstrap of all (Friedman & Hall 2007, On bagging and
nonlinear estimation)."""


# scikit-learn ships no types, so its classes are Any to mypy
class BinnedForest(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    r"""A random forest of fully grown trees on binned columns, which LightGBM grows in a fraction of the time.

    Each tree sees half of the rows and :math:`\sqrt d` columns a split. With two
    classes the squared error of the 0/1 label falls by half of what Gini's index falls by, so the splits are those of
    a classification tree, and a leaf holds the share of the class; with more, every class has a forest of its own.

    Args:
        n_estimators: number of trees.
        max_bins: bins of a column.
        random_state: seed.
        n_jobs: threads; the answer does not depend on it.

    >>> X = np.arange(40.0)[:, None]
    >>> BinnedForest(random_state=0).fit(X, X[:, 0] > 19).predict([[3.0], [30.0]]).tolist()
    [False, True]
    """

    def __init__(
        self, *, n_estimators: int = 100, max_bins: int = 63, random_state: Any = None, n_jobs: int | None = 1
    ) -> None:
        self.n_estimators = n_estimators
        self.max_bins = max_bins
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any) -> Self:
        """Grow the trees on rows X (n, d) and labels y (n,)."""
        import lightgbm

        X, y = validate_data(self, X, y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        d = X.shape[1]
        settings = {
            "boosting": "rf",
            "objective": "regression",
            # pure leaves: no more are needed, and every split looks through all of them
            "num_leaves": 2 * int(len(codes) - np.bincount(codes).max()) + 2,
            "min_data_in_leaf": 1,
            "min_sum_hessian_in_leaf": 0,
            "bagging_fraction": DRAWN,
            "bagging_freq": 1,
            "feature_fraction_bynode": max(1, int(np.sqrt(d))) / d,
            "histogram_pool_size": 256,
            "seed": seed,
            "num_threads": self.n_jobs or 0,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }
        binned = {"max_bin": self.max_bins, "min_data_in_bin": 1, "feature_pre_filter": False}
        rows = lightgbm.Dataset(X, params={**settings, **binned}, free_raw_data=False)
        own = (
            [0] if len(self.classes_) == 1 else [1] if len(self.classes_) == 2 else range(len(self.classes_))
        )
        self._forests = [
            lightgbm.train(settings, rows.set_label((codes == code).astype(np.float64)), self.n_estimators)
            for code in own
        ]
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities of the classes (n, K)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        shares = [np.asarray(forest.predict(X, num_threads=self.n_jobs or 0)) for forest in self._forests]
        said = np.column_stack(shares)
        if len(self.classes_) == 2:
            said = np.column_stack([1 - said, said])
        # forests of single classes need not agree
        total = said.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(said, total, out=np.full_like(said, 1 / said.shape[1]), where=total > 0))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of every row (n,)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])
