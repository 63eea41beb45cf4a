"""Hardness-aware boosting: members see majority rows by how hard boosting finds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.boosting import Boosting, Draw
from steelyard.ensemble.rows import Drawn, Rows
from steelyard.ensemble.schedules import BalancingSchedule, Target, balancing, planned
from steelyard.ensemble.self_paced import self_paced_factor, self_paced_pick
from steelyard.ensemble.whole import whole

__all__ = ["HardnessBoostClassifier"]


class HardnessBoostClassifier(Boosting):
    r"""AdaBoost that draws every member's majority rows from bins of how hard they have become.

    When to use it: as RUSBoost, where noise makes the weights of a few majority rows grow without end.

    The hardness of a row is the logarithm of its boosting weight over its own: how often and by how strong members it
    was got wrong. Rows of larger classes are drawn from bins of hardness with the self-paced ensemble's shares, from
    equal sums of hardness a bin to equal counts, and weigh alike once drawn; a class that is kept whole keeps its
    boosting weights. Errors and votes are taken on all rows.

    Args:
        estimator: the member; a binned tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        k_bins: number of hardness bins.
        target: rows of every class: a number, or one a label; the smallest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
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
    >>> HardnessBoostClassifier(n_estimators=5, random_state=0).fit(X, y).log_[0]["rows"]
    [49, 49]

    Source: an own joining of Seiffert et al. (2010), RUSBoost, and Liu et al. (2020), Self-paced Ensemble.
    """

    _redraws = True
    _sees_all = False

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        k_bins: int = 5,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.k_bins = k_bins
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _drawer(self, rows: Rows) -> Draw:
        schedule, origin = balancing(self.balancing_schedule), rows.counts
        target = self._target(origin, origin.min())
        mass, k_bins = rows.mass, whole("k_bins", self.k_bins)

        def drawn(weight: Floats, rng: np.random.Generator, i: int) -> Drawn:
            wanted = planned(schedule, origin, target, i, self.n_estimators)
            alpha = self_paced_factor(i, self.n_estimators)
            parts, weights = [], []
            for group in rows.classes:
                count = wanted[group.code]
                hard = np.log(weight[group.rows] / mass[group.rows])
                if count >= origin[group.code]:
                    grown = weight[group.rows]
                    parts.append(group.rows)
                    weights.append(grown * (group.total / grown.sum()))
                    continue
                n = rows.n_draws(group.code, count)
                picked = self_paced_pick(group, hard - hard.min(), n, alpha, rng, k_bins=k_bins)
                parts.append(group.rows[picked])
                weights.append(np.full(len(picked), count * rows.unit / len(picked)))
            return rows.take(np.concatenate(parts), np.concatenate(weights))

        return drawn


CARD = {
    "lever": "ensemble",
    "name": "HardnessBoostClassifier",
    "title": "Hardness-aware boosting (self-paced draws)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "experimental",
    "source": "Seiffert et al. (2010), RUSBoost, with the draws of Liu et al. (2020), Self-paced Ensemble",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 7,
            "label": "hardness-aware boosting",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
