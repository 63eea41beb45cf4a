"""SMOTEBoost: boosting whose members see interpolated rows of the smaller classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.boosting import Boosting, Draw
from steelyard.ensemble.rows import Drawn, Rows
from steelyard.ensemble.schedules import BalancingSchedule, Target, balancing, planned
from steelyard.ensemble.synthesis import Interpolation
from steelyard.ensemble.whole import whole

__all__ = ["SMOTEBoostClassifier"]


class SMOTEBoostClassifier(Boosting):
    r"""AdaBoost that fills the smaller classes with interpolated rows in every round.

    When to use it: small, numeric tables in which the region between rare rows is rare too.

    Errors and weights are taken on all rows; only the member sees the over-sampled part, all rows with
    their boosting weights and every new row with the weight between those of its two parents. The
    neighbours are found once a fit. For other samplers see `ResamplingBoostClassifier`.

    Args:
        estimator: the member; a binned tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        target: rows of every class: a number, or one a label; the largest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
        k_neighbors: neighbours a new row may lie towards.
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
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> SMOTEBoostClassifier(n_estimators=5, random_state=0).fit(X, y).log_[0]["rows"]
    [451, 451]

    Source: Chawla et al. (2003), SMOTEBoost: Improving Prediction of the Minority Class in Boosting.
    """

    _interpolates = True
    _redraws = True
    _sees_all = False

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        k_neighbors: int = 5,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.k_neighbors = k_neighbors
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _drawer(self, rows: Rows) -> Draw:
        schedule, origin = balancing(self.balancing_schedule), rows.counts
        target = self._target(origin, origin.max())
        between = self._between(rows)

        def drawn(weight: Floats, rng: np.random.Generator, i: int) -> Drawn:
            wanted = planned(schedule, origin, target, i, self.n_estimators)
            parts = [(rows.X[:0], rows.y, weight)]
            for code, missing in enumerate(np.maximum(wanted - origin, 0)):
                if missing >= 0.5:
                    n = rows.n_draws(code, missing)
                    made, a, b, step = between(code, n, rng)
                    # a made row stands for `missing / n` rows and weighs like a point between its parents
                    each = (1 - step) * (weight / rows.mass)[a] + step * (weight / rows.mass)[b]
                    parts.append((made, np.full(n, code), each * (missing * rows.unit / n)))
            X, y, w = zip(*parts, strict=True)
            return Drawn(np.concatenate(y), np.concatenate(w), made=np.concatenate(X))

        return drawn

    def _between(self, rows: Rows) -> Interpolation:
        """What makes new rows."""
        return Interpolation(rows, whole("k_neighbors", self.k_neighbors))


CARD = {
    "lever": "ensemble",
    "name": "SMOTEBoostClassifier",
    "title": "SMOTEBoost (boosting with interpolated rows)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Chawla et al. (2003), SMOTEBoost: Improving Prediction of the Minority Class in Boosting",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "SMOTEBoost",
            "wraps": False,
            "encoding": "linear",
            "default": False,
        }
    },
}
