"""OverBoost: boosting whose members see an over-sampled table."""

from __future__ import annotations

from typing import Any

from steelyard.ensemble.boosting import Boosting, Draw, balanced_draws
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.schedules import BalancingSchedule, Target

__all__ = ["OverBoostClassifier"]


class OverBoostClassifier(Boosting):
    r"""AdaBoost that trains every member on a table filled up to the largest class.

    When to use it: small tables where under-sampling would leave too little, and members that gain from repeated rows.

    Errors and weights are taken on all rows; only the member sees the over-sampled part, with the boosting weights
    of its rows.
    Rows are repeated as evenly as possible.

    Args:
        estimator: the member; a histogram tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        target: rows of every class: a number, or one a label; the largest class's if None.
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
    >>> OverBoostClassifier(n_estimators=5, random_state=0).fit(X, y).log_[0]["rows"]
    [451, 451]

    Source: Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python.
    """

    _redraws = True

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
        return balanced_draws(rows, self._target(rows.counts, rows.counts.max()), self)


CARD = {
    "lever": "ensemble",
    "name": "OverBoostClassifier",
    "title": "OverBoost (boosting with random over-sampling)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "OverBoost",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
