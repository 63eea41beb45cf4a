"""SMOTEBagging: bagging on bags filled up with interpolated rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.ensemble.bagging import Bagger, Bagging, class_draws
from steelyard.ensemble.rows import Drawn, Rows
from steelyard.ensemble.schedules import BalancingSchedule, Target, balancing, planned
from steelyard.ensemble.synthesis import Interpolation
from steelyard.ensemble.whole import whole

__all__ = ["SMOTEBaggingClassifier"]


class SMOTEBaggingClassifier(Bagging):
    """Bagging whose bags are filled up to the largest class with rows interpolated between neighbours.

    When to use it: small, numeric tables; the bags differ more than those of OverBagging, and cost as much.

    Every bag draws each class with replacement to its own size, then adds rows between a row of the class and
    one of its `k_neighbors` nearest. The neighbours are found once a fit, among all rows of the class.

    Args:
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of bags.
        target: rows of every class: a number, or one a label; the largest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, bag, bags).
        k_neighbors: neighbours a new row may lie towards.
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
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.95], flip_y=0, random_state=0)
    >>> SMOTEBaggingClassifier(n_estimators=2, random_state=0).fit(X, y).log_[0]["rows"]
    [475, 475]

    Source: Wang & Yao (2009), Diversity Analysis on Imbalanced Data Sets by Using Ensemble Models.
    """

    _interpolates = True

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        k_neighbors: int = 1,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.k_neighbors = k_neighbors
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _bagger(self, rows: Rows) -> Bagger:
        schedule, origin = balancing(self.balancing_schedule), rows.counts
        target = self._target(origin, origin.max())
        between = Interpolation(rows, whole("k_neighbors", self.k_neighbors))

        def bag(rng: np.random.Generator, i: int) -> Drawn:
            wanted = planned(schedule, origin, target, i, self.n_estimators)
            chosen, each = class_draws(rows, origin, rng, replacement=True)
            parts = [(rows.X[:0], rows.y[chosen], each)]
            for code, missing in enumerate(np.maximum(wanted - origin, 0)):
                if missing >= 0.5:
                    n = rows.n_draws(code, missing)
                    made = between(code, n, rng)[0]
                    parts.append((made, np.full(n, code), np.full(n, missing * rows.unit / n)))
            X, y, weight = zip(*parts, strict=True)
            return Drawn(np.concatenate(y), np.concatenate(weight), chosen, np.concatenate(X))

        return bag


CARD = {
    "lever": "ensemble",
    "name": "SMOTEBaggingClassifier",
    "title": "SMOTEBagging (bagging with interpolated rows)",
    "seeds": ["005", "006"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Wang & Yao (2009), Diversity Analysis on Imbalanced Data Sets by Using Ensemble Models",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 7,
            "label": "SMOTEBagging",
            "wraps": False,
            "encoding": "linear",
            "default": False,
        }
    },
}
