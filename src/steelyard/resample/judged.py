"""What under-samplers share that let a classifier judge the rows."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, ClassVar

import numpy as np
from joblib import parallel_config
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from steelyard.core import Floats, UsageError
from steelyard.resample.base import BaseSampler
from steelyard.resample.binned_forest import BinnedForest
from steelyard.resample.plan import Ints, is_sparse
from steelyard.resample.strategy import Kind

__all__ = ["JudgedUnderSampler"]

LARGE = 10_000
"""From so many rows on the default forest cuts columns into bins."""


class JudgedUnderSampler(BaseSampler):
    """An under-sampler that asks `estimator`, by default a random forest, for probabilities of the classes."""

    _sampling_type: ClassVar[Kind] = "under-sampling"
    estimator: Any
    random_state: Any
    cv: int
    n_jobs: int | None

    def _check_options(self) -> None:
        if self.estimator is not None and not hasattr(self.estimator, "predict_proba"):
            raise UsageError(
                f"estimator={self.estimator!r} gives no probabilities; pass a classifier with predict_proba"
            )

    def _held_out(self, X: Any, y: Ints, random_state: np.random.RandomState) -> Floats:
        """The probabilities of the classes for every row, by classifiers that did not see it (n, K)."""
        fewest = int(np.bincount(y).min())
        if fewest == 1:
            self._notice("a class has a single row, so rows are judged by a classifier that saw them")
            seen: Floats = self.estimator_.fit(X, y).predict_proba(X)
            return seen
        if fewest < self.cv:
            self._notice(
                f"the smallest class has {fewest} rows, so {fewest} folds are used instead of {self.cv}"
            )
        folds = StratifiedKFold(n_splits=min(self.cv, fewest), shuffle=True, random_state=random_state)
        threads = isinstance(self.estimator_, BinnedForest)
        with parallel_config(backend="threading") if threads else nullcontext():
            judged: Floats = cross_val_predict(
                self.estimator_, X, y, cv=folds, n_jobs=self.n_jobs, method="predict_proba"
            )
        return judged

    def _classifier(self, X: Any, random_state: np.random.RandomState) -> Any:
        if self.estimator is None and not is_sparse(X) and len(X) >= LARGE:
            return BinnedForest(random_state=self.random_state)
        if self.estimator is None:
            return RandomForestClassifier(
                n_estimators=100, random_state=self.random_state, n_jobs=self.n_jobs
            )
        classifier = clone(self.estimator)
        seeds = sorted(
            name
            for name in classifier.get_params(deep=True)
            if name == "random_state" or name.endswith("__random_state")
        )
        # one draw a seed, in the order scikit-learn's ensembles take them
        classifier.set_params(**{name: random_state.randint(np.iinfo(np.int32).max) for name in seeds})
        return classifier
