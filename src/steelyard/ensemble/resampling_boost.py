"""Boosting around any sampler with `fit_resample`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from steelyard.ensemble.boosting import Boosting, Draw
from steelyard.ensemble.monitor import FitMonitor
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.synthesis import resampled

__all__ = ["ResamplingBoostClassifier"]


class ResamplingBoostClassifier(Boosting):
    """AdaBoost (SAMME) in which a sampler of your choice makes the table of every member.

    When to use it: with a sampler that has no boosting of its own, such as `KMeansSMOTE` (KMeansSMOTEBoost).

    Errors and weights are taken on all rows. Rows the sampler can name keep their boosting weight; made rows
    get the mean weight of their class. Samplers take no weights, so neither does this.

    Args:
        sampler: any object with `fit_resample(X, y)`; None trains on all rows, which is AdaBoost.
        estimator: the member; a binned tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads for prediction; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        estimator_weights_: their votes (T,).
        estimator_errors_: their weighted errors on all rows (T,).
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on, in their weights (K,).
        log_: for every member, rows and weight of each class, error and vote.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range, or a sampler without `fit_resample`.
        DataError: the sampler left a class without rows.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> ResamplingBoostClassifier(n_estimators=3, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python.
    """

    _sees_all = False

    @property
    def _redraws(self) -> bool:
        return self.sampler is not None

    def __init__(
        self,
        *,
        sampler: Any = None,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.sampler = sampler
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, *, monitor: FitMonitor | None = None) -> Self:  # type: ignore[override]  # samplers take no weights
        """Fit on rows X (n, d) and labels y (n,); a monitor watches and may stop early."""
        return super().fit(X, y, monitor=monitor)

    def _drawer(self, rows: Rows) -> Draw:
        if self.sampler is None:
            return super()._drawer(rows)
        everything = np.arange(len(rows.y))
        return lambda weight, rng, _i: resampled(self.sampler, rows.take(everything, weight), rows, rng)


CARD = {
    "lever": "ensemble",
    "name": "ResamplingBoostClassifier",
    "title": "Boosting around any sampler (KMeansSMOTEBoost and others)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python",
    "facts": {},
}
