"""Gradient boosting with margins that grow as classes get rarer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.ensemble.objective import Objective, away, lead_of_others, one_hot, softmax
from steelyard.ensemble.objective_boosting import ObjectiveBoosting
from steelyard.ensemble.rows import Ints

__all__ = ["LDAMBoostingClassifier"]


@dataclass(frozen=True, eq=False)
class MarginObjective:
    """Cross-entropy after the score of the true class k was lowered by its margin."""

    margins: Floats
    steepness: float = 1.0

    def loss(self, z: Floats, y: Ints) -> Floats:
        """The loss of every row (n,)."""
        return np.logaddexp(0, lead_of_others(self._lowered(z, y), y))

    def derivatives(self, z: Floats, y: Ints) -> tuple[Floats, Floats]:
        """Exact first derivatives, and the diagonal of the second ones, never negative."""
        q = softmax(self._lowered(z, y))
        return away(q, y), q * (1 - q)

    newton = derivatives

    def posterior(self, z: Floats) -> Floats:
        """Probabilities (n, K) proportional to q (1 - q (1 - exp(-margin)))."""
        q = softmax(z)
        raw = q * (1 + q * np.expm1(-self.margins))
        return np.asarray(raw / raw.sum(axis=1, keepdims=True))

    def _lowered(self, z: Floats, y: Ints) -> Floats:
        return z - one_hot(y, z.shape[1]) * self.margins


class LDAMBoostingClassifier(ObjectiveBoosting):
    r"""Boosted trees (LightGBM or XGBoost) that want a wider margin around rarer classes.

    When to use it: as one arm among others when classes are told apart cleanly but the rare one has few rows.
    The published loss belongs to networks with normalised features; here scores are not bounded, so margins are
    in log-odds and no scale is needed.

    Loss :math:`-w_y \log \operatorname{softmax}_y(z - m_y e_y)` with :math:`m_k = M (n_{\min} / n_k)^{1/4}`. Its
    minimum over scores belongs to :math:`p_k \propto q_k (1 - q_k (1 - e^{-m_k}))` with q the softmax of z: exact, so
    probabilities keep the prior.

    Args:
        estimator: an unfitted LGBMClassifier or XGBClassifier whose settings are used; LightGBM's defaults if None.
        max_margin: margin M of the rarest class in log-odds; 0 is cross-entropy.
        weighting: class weights w from the prior, such as `effective_number()`; None for none.
        random_state: seed.

    Attributes:
        booster_: the fitted LightGBM or XGBoost booster.
        init_: constant scores (K,) boosting started from.
        classes_: labels (K,).
        training_prior_: class probabilities the model was trained on, with weights (K,).
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range, or an estimator that takes no objective.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> LDAMBoostingClassifier(max_margin=1, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Cao, Wei, Gaidon, Arechiga, Ma (2019), Learning Imbalanced Datasets with Label-Distribution-Aware
    Margin Loss; the link is derived here.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        max_margin: float = 1.0,
        weighting: Weighting | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.max_margin = max_margin
        self.weighting = weighting
        self.random_state = random_state

    def _objective(self, prior: Prior) -> Objective:
        if not 0 <= self.max_margin <= 20:
            raise UsageError(f"max_margin is {self.max_margin!r}, expected log-odds from 0 to 20; try 1")
        return MarginObjective(self.max_margin * (prior.counts.min() / prior.counts) ** 0.25)


CARD = {
    "lever": "ensemble",
    "name": "LDAMBoostingClassifier",
    "title": "Gradient boosting with label-distribution-aware margins (LightGBM, XGBoost)",
    "seeds": ["022", "005"],
    "needs": [],
    "example": {"max_margin": 1.0},
    "since": "0.1",
    "status": "experimental",
    "source": "Cao et al. (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 4,
            "label": "margins by class size",
            "wraps": True,
            "learners": ["lightgbm", "xgboost"],
            "default": False,
        }
    },
}
