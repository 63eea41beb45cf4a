"""The shell of boosting with an objective: rows in, boosted scores, probabilities through the exact link."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from steelyard.core import Floats, Prior, Weighting
from steelyard.ensemble.boosters import boost, n_rounds, raw_scores, stages
from steelyard.ensemble.committee import Committee, seeded
from steelyard.ensemble.objective import Objective, constant_scores

__all__ = ["ObjectiveBoosting"]


class ObjectiveBoosting(Committee):
    """Base of the boosters: subclasses state the objective.

    Equal rows are merged into one that weighs as much, as everywhere in this package, and second derivatives
    of three and more classes are stretched by K / (K - 1), as LightGBM does.
    """

    weighting: Weighting | None
    booster_: Any
    init_: Floats

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        rows = self._rows(X, y, sample_weight).compact()
        counts = np.array([group.total for group in rows.classes])
        n_classes = len(counts)
        prior = Prior(tuple(range(n_classes)), counts, "binary" if n_classes == 2 else "multiclass")
        class_weight = np.ones(n_classes) if self.weighting is None else self.weighting(prior)
        weight = (rows.mass * class_weight[rows.y])[:, None]
        objective = self._objective(prior)
        trained = prior.reweighted(class_weight).p
        stretch = n_classes / (n_classes - 1) if n_classes > 2 else 1.0

        def derive(z: Floats) -> tuple[Floats, Floats]:
            gradient, curvature = objective.newton(z, rows.y)
            return weight * gradient, stretch * weight * np.maximum(curvature, 1e-16)

        self.init_ = constant_scores(objective, trained)
        self.booster_ = boost(
            seeded(self._member(), self._seed(), "booster"), rows.X, rows.y, self.init_, derive
        )
        self.prior_counts_ = counts
        self.training_prior_ = self._standing(trained)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Raw scores: (n,) the lead of the second of two classes, else (n, K)."""
        z = self._scores(X)
        return z[:, 1] - z[:, 0] if z.shape[1] == 2 else z

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Class probabilities (n, K) at `training_prior_`."""
        return self._link(self._scores(X))

    def staged_predict_proba(self, X: ArrayLike) -> Iterator[Floats]:
        """The probabilities (n, K) after one round, after two, and so on."""
        check_is_fitted(self)
        for z in stages(self.booster_, self._validated(X, reset=False), self.init_):
            yield self._link(z)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "booster_")

    @property
    def n_rounds_(self) -> int:
        """How many rounds were boosted."""
        return n_rounds(self.booster_)

    def _scores(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        return raw_scores(self.booster_, self._validated(X, reset=False), self.init_)

    def _member(self) -> Any:
        if self.estimator is not None:
            return self.estimator
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1)

    @abstractmethod
    def _objective(self, prior: Prior) -> Objective:
        """The loss, from the counts of the training rows."""

    def _standing(self, trained: Floats) -> Floats:
        """The prior the probabilities stand at."""
        return trained

    def _link(self, z: Floats) -> Floats:
        """Probabilities (n, K) of scores."""
        counts = self.prior_counts_
        return self._objective(Prior(tuple(range(len(counts))), counts)).posterior(z)
