"""Gradient boosting with the logit-adjusted loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.core import Floats, Prior, UsageError
from steelyard.ensemble.objective import Objective, away, lead_of_others, softmax
from steelyard.ensemble.objective_boosting import ObjectiveBoosting
from steelyard.ensemble.rows import Ints

__all__ = ["LogitAdjustedBoostingClassifier"]


@dataclass(frozen=True, eq=False)
class AdjustedObjective:
    """Cross-entropy after an offset (K,) was added to the scores; the model is the scores without it."""

    offset: Floats
    steepness: float = 1.0

    def loss(self, z: Floats, y: Ints) -> Floats:
        """The loss of every row (n,)."""
        return np.logaddexp(0, lead_of_others(z + self.offset, y))

    def derivatives(self, z: Floats, y: Ints) -> tuple[Floats, Floats]:
        """Exact first derivatives, and the diagonal of the second ones, never negative."""
        q = softmax(z + self.offset)
        return away(q, y), q * (1 - q)

    newton = derivatives

    def posterior(self, z: Floats) -> Floats:
        """Probabilities (n, K) at the prior of the training rows."""
        return softmax(z + self.offset)


class LogitAdjustedBoostingClassifier(ObjectiveBoosting):
    r"""Boosted trees (LightGBM or XGBoost) trained with the logit-adjusted loss; decides as if classes were balanced.

    When to use it: where `predict` itself should serve balanced accuracy. It learns nothing an ordinary booster
    does not: boosting starts from the best constant, which cancels the offset, so the trees are those of
    cross-entropy and the whole effect is `decide.LogitAdjust` on an ordinary booster. Networks, which start
    elsewhere and do not reach the minimum, are another matter.

    Loss :math:`-\log \operatorname{softmax}_y(z + \tau \log \pi)`; probabilities are the softmax of z, at the prior
    :math:`\propto \pi^{1 - \tau}`, which is `training_prior_`.

    Args:
        estimator: an unfitted LGBMClassifier or XGBClassifier whose settings are used; LightGBM's defaults if None.
        tau: strength; 1 gives the uniform prior, 0 is cross-entropy.
        random_state: seed.

    Attributes:
        booster_: the fitted LightGBM or XGBoost booster.
        init_: constant scores (K,) boosting started from.
        classes_: labels (K,).
        training_prior_: the prior the probabilities stand at (K,).
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range, or an estimator that takes no objective.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> LogitAdjustedBoostingClassifier(random_state=0).fit(X, y).training_prior_.tolist()
    [0.5, 0.5]

    Source: Menon, Jayasumana, Rawat, Jain, Veit, Kumar (2021), Long-Tail Learning via Logit Adjustment.
    """

    weighting = None

    def __init__(self, estimator: Any = None, *, tau: float = 1.0, random_state: Any = None) -> None:
        self.estimator = estimator
        self.tau = tau
        self.random_state = random_state

    def _objective(self, prior: Prior) -> Objective:
        if not 0 <= self.tau < np.inf:
            raise UsageError(f"tau is {self.tau!r}, expected a number of at least 0; try 1")
        return AdjustedObjective(self.tau * np.log(prior.p))

    def _standing(self, trained: Floats) -> Floats:
        raw = np.exp((1 - self.tau) * np.log(trained))
        return np.asarray(raw / raw.sum())

    def _link(self, z: Floats) -> Floats:
        return softmax(z)


CARD = {
    "lever": "ensemble",
    "name": "LogitAdjustedBoostingClassifier",
    "title": "Gradient boosting with the logit-adjusted loss (LightGBM, XGBoost)",
    "seeds": ["071", "005"],
    "needs": [],
    "example": {"tau": 1.0},
    "since": "0.1",
    "status": "experimental",
    "source": "Menon et al. (2021), Long-Tail Learning via Logit Adjustment",
    "facts": {},
}
