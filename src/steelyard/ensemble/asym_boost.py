"""AsymBoost: asymmetry spread evenly over all rounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, UsageError
from steelyard.ensemble.boosting import Boosting
from steelyard.ensemble.costs import class_costs
from steelyard.ensemble.rows import Rows

__all__ = ["AsymBoostClassifier"]


class AsymBoostClassifier(Boosting):
    r"""AdaBoost that adds an equal part of the asymmetry between classes in every round.

    When to use it: as AdaCost, where the first members should not take up all of the asymmetry.

    After every round :math:`w \leftarrow w \exp(\alpha [\hat y \ne y]) \, C[\hat y, y]^{1/(2T)}`; opposite mistakes
    must have reciprocal costs. With all costs one this is AdaBoost.

    Args:
        estimator: the member; a histogram tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        cost: "uniform", "inverse" or a matrix (K, K) of costs, rows = predicted, columns =
            true, labels in sorted order (see `class_costs`).
            Costs of opposite mistakes must be reciprocal.
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
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> AsymBoostClassifier(n_estimators=5, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Viola & Jones (2001), Fast and Robust Classification using Asymmetric AdaBoost.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        cost: str | ArrayLike = "inverse",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.cost = cost
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _start(self, rows: Rows) -> Floats:
        self._costs(rows.counts)  # costs that do not fit are refused before any work
        return super()._start(rows)

    def _growth(self, counts: Floats, vote: float) -> Floats:
        return super()._growth(counts, vote) + np.log(self._costs(counts)) / (2 * self.n_estimators)

    def _costs(self, counts: Floats) -> Floats:
        costs = class_costs(counts, self.cost)
        if not np.allclose(costs * costs.T, 1):
            raise UsageError(
                f"cost={self.cost!r} came, whose opposite mistakes are not reciprocal; "
                "pass costs with C[i, j] * C[j, i] = 1, such as 'inverse'"
            )
        return costs


CARD = {
    "lever": "ensemble",
    "name": "AsymBoostClassifier",
    "title": "AsymBoost (asymmetry spread over rounds)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Viola & Jones (2001), Fast and Robust Classification using Asymmetric AdaBoost",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "AsymBoost",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
