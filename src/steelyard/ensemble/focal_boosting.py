"""Gradient boosting with the focal loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.ensemble.objective import Objective, away, lead_of_others, log_and_rest, softmax
from steelyard.ensemble.objective_boosting import ObjectiveBoosting
from steelyard.ensemble.rows import Ints

__all__ = ["FocalBoostingClassifier"]

LEAST = 1e-300  # keeps powers of 1 - q finite where a row is certain


@dataclass(frozen=True)
class FocalObjective:
    r"""Loss :math:`-(1 - q_y)^\gamma \log q_y` with q the softmax of the scores."""

    gamma: float

    @property
    def steepness(self) -> float:
        """Scores are held back by at most this factor."""
        return 1 + self.gamma

    def loss(self, z: Floats, y: Ints) -> Floats:
        """The loss of every row (n,)."""
        log_q, rest = log_and_rest(lead_of_others(z, y))
        return np.asarray(-(rest**self.gamma) * log_q)

    def derivatives(self, z: Floats, y: Ints) -> tuple[Floats, Floats]:
        """Exact first derivatives, and the diagonal of the second ones; negative for rows that are badly wrong."""
        gradient, hessian, _ = self._pieces(z, y)
        return gradient, hessian

    def newton(self, z: Floats, y: Ints) -> tuple[Floats, Floats]:
        """Second derivatives count at least as much as those of cross-entropy with the focal factor held fixed."""
        gradient, hessian, fixed = self._pieces(z, y)
        return gradient, np.maximum(hessian, fixed)

    def posterior(self, z: Floats) -> Floats:
        """Probabilities (n, K) proportional to q divided by the slope of the loss."""
        columns = []
        for k in range(z.shape[1]):
            lead = lead_of_others(z, np.full(len(z), k))
            log_q, rest = log_and_rest(lead)
            pull = np.log1p(-self.gamma * np.exp(log_q) * _ratio(log_q, rest))
            columns.append(log_q + self.gamma * np.logaddexp(0, -lead) - pull)
        return softmax(np.column_stack(columns))

    def _pieces(self, z: Floats, y: Ints) -> tuple[Floats, Floats, Floats]:
        """Gradient, Hessian, and the Hessian with the focal factor held fixed (n, K)."""
        q, gamma = softmax(z), self.gamma
        log_own, rest = log_and_rest(lead_of_others(z, y))
        rest, own = np.maximum(rest, LEAST), np.exp(log_own)
        ratio = _ratio(log_own, rest)
        factor = rest**gamma
        slope = factor * (1 - gamma * own * ratio)  # before the gradient of cross-entropy
        change = gamma * own * factor * rest * (2 + log_own - (gamma - 1) * own * ratio)
        gap = away(q, y)
        gap[np.arange(len(y)), y] = -rest  # to full precision where a row is nearly certain
        spread = q * (1 - q)
        bend = change[:, None] * (gap / rest[:, None]) ** 2
        return slope[:, None] * gap, bend + slope[:, None] * spread, factor[:, None] * spread


def _ratio(log_q: Floats, rest: Floats) -> Floats:
    """The ratio of log q and 1 - q, which is -1 where q is 1."""
    return np.asarray(np.divide(log_q, rest, out=np.full(log_q.shape, -1.0), where=rest > LEAST))


class FocalBoostingClassifier(ObjectiveBoosting):
    r"""Boosted trees (LightGBM or XGBoost) that spend less on rows already told apart.

    When to use it: as one arm among others, on large tables where easy rows of the common class drown the rest.
    It changes what the trees look at, not how often a class is promised: the known link maps scores to
    probabilities, so none of the usual under-confidence of the focal loss is left.

    Loss :math:`-w_y (1 - q_y)^\gamma \log q_y` with q the softmax of the scores. Its minimum over scores belongs
    to the probabilities :math:`p_k \propto q_k / a_k` with
    :math:`a = (1 - q)^\gamma - \gamma q (1 - q)^{\gamma - 1} \log q`. The loss is not convex; where its second
    derivative falls below that of cross-entropy times :math:`(1 - q_y)^\gamma`, the latter is used.

    Args:
        estimator: an unfitted LGBMClassifier or XGBClassifier whose settings are used; LightGBM's defaults if None.
        gamma: how fast easy rows fade; 0 is cross-entropy.
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
    >>> model = FocalBoostingClassifier(random_state=0).fit(X, y)
    >>> model.predict_proba(X).shape, model.training_prior_.tolist()
    ((500, 2), [0.9, 0.1])

    Source: Lin, Goyal, Girshick, He, Dollár (2017), Focal Loss for Dense Object Detection; the link from
    Charoenphakdee, Vongkulbhisal, Chairatanakul, Sugiyama (2021), On Focal Loss for Class-Posterior Probability
    Estimation.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        gamma: float = 2.0,
        weighting: Weighting | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.gamma = gamma
        self.weighting = weighting
        self.random_state = random_state

    def _objective(self, prior: Prior) -> Objective:  # noqa: ARG002 - one signature for all objectives
        if not 0 <= self.gamma < np.inf:
            raise UsageError(f"gamma is {self.gamma!r}, expected a number of at least 0; try 2")
        return FocalObjective(float(self.gamma))


CARD = {
    "lever": "ensemble",
    "name": "FocalBoostingClassifier",
    "title": "Gradient boosting with the focal loss (LightGBM, XGBoost)",
    "seeds": ["059", "005"],
    "needs": [],
    "example": {"gamma": 2.0},
    "since": "0.1",
    "status": "experimental",
    "source": "Lin et al. (2017), Focal Loss for Dense Object Detection",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 4,
            "label": "focal loss",
            "wraps": True,
            "learners": ["lightgbm", "xgboost"],
            "default": False,
        }
    },
}
