"""RUSBoost: boosting whose members see an under-sampled table."""

from __future__ import annotations

from typing import Any

from steelyard.ensemble.boosting import Boosting, Draw, balanced_draws
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.schedules import BalancingSchedule, Target

__all__ = ["RUSBoostClassifier"]


class RUSBoostClassifier(Boosting):
    r"""AdaBoost that trains every member on a balanced random part of the table.

    When to use it: a boosted committee for a rare class at the price of small members.

    Errors and weights are taken on all rows; only the member sees the under-sampled part, with the boosting weights
    of its rows.

    Args:
        estimator: the member; a binned tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
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
    >>> RUSBoostClassifier(n_estimators=5, random_state=0).fit(X, y).log_[0]["rows"]
    [49, 49]

    Source: Seiffert et al. (2010), RUSBoost: A Hybrid Approach to Alleviating Class Imbalance.
    """

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
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _drawer(self, rows: Rows) -> Draw:
        return balanced_draws(rows, self._target(rows.counts, rows.counts.min()), self)


CARD = {
    "lever": "ensemble",
    "name": "RUSBoostClassifier",
    "title": "RUSBoost (boosting with random under-sampling)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Seiffert et al. (2010), RUSBoost: A Hybrid Approach to Alleviating Class Imbalance",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 7,
            "label": "RUSBoost",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
