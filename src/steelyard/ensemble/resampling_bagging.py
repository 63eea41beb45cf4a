"""Bagging around any sampler with `fit_resample`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from steelyard.ensemble.bagging import Bagger, Bagging, class_draws
from steelyard.ensemble.monitor import FitMonitor
from steelyard.ensemble.rows import Drawn, Rows
from steelyard.ensemble.synthesis import resampled

__all__ = ["ResamplingBaggingClassifier"]


class ResamplingBaggingClassifier(Bagging):
    """Bagging in which a sampler of your choice balances every bag.

    When to use it: with a sampler that has no ensemble of its own, such as ADASYN or a cleaning method.

    Every bag draws each class with replacement to its own size; the sampler then works on the bag. Samplers
    take no weights, so neither does this.

    Args:
        sampler: any object with `fit_resample(X, y)`; None leaves the bags as they are.
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of bags.
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        log_: for every member, the rows and the weight of each class it was trained on.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range, or a sampler without `fit_resample`.
        DataError: the sampler left a class without rows.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.95], random_state=0)
    >>> ResamplingBaggingClassifier(n_estimators=3, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python.
    """

    def __init__(
        self,
        *,
        sampler: Any = None,
        estimator: Any = None,
        n_estimators: int = 50,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.sampler = sampler
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, *, monitor: FitMonitor | None = None) -> Self:  # type: ignore[override]  # samplers take no weights
        """Fit on rows X (n, d) and labels y (n,); a monitor watches and may stop early."""
        return super().fit(X, y, monitor=monitor)

    def _rows(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Rows:
        return self._binned(Rows.of(*self._read(X, y, sample_weight), merge=False))

    def _bagger(self, rows: Rows) -> Bagger:
        def bag(rng: np.random.Generator, _i: int) -> Drawn:
            drawn = rows.take(*class_draws(rows, rows.counts, rng, replacement=True))
            return drawn if self.sampler is None else resampled(self.sampler, drawn, rows, rng)

        return bag


CARD = {
    "lever": "ensemble",
    "name": "ResamplingBaggingClassifier",
    "title": "Bagging around any sampler",
    "seeds": ["005", "006"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python",
    "facts": {},
}
