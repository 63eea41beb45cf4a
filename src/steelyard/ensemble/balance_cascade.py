"""BalanceCascade: easy majority rows leave for good, round by round."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.rounds import HardnessRounds, Pick
from steelyard.ensemble.rows import ClassRows, Ints, Rows, draw
from steelyard.ensemble.schedules import BalancingSchedule, Target
from steelyard.samplers import cascade_counts

__all__ = ["BalanceCascadeClassifier"]


class BalanceCascadeClassifier(HardnessRounds):
    r"""An under-sampling ensemble that drops the majority rows it already gets right.

    When to use it: clean tables with a large, mostly easy majority. With noisy labels the rows that stay are
    the noisy ones; a self-paced ensemble is the safer choice there.

    Every class larger than the smallest starts with all its rows. After each round the easiest of them, for
    the mean of the members so far, leave until `cascade_counts` remain. The next member sees all rows of the
    smallest class and a random part of what remains of the others.

    Args:
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of members T.
        target: rows of every class: a number, or one a label; the smallest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads for prediction; the answer does not depend on it.
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
    >>> X, y = make_classification(500, weights=[0.95], random_state=0)
    >>> model = BalanceCascadeClassifier(n_estimators=5, random_state=0).fit(X, y)
    >>> model.training_prior_.tolist()
    [0.5, 0.5]

    Source: Liu, Wu & Zhou (2009), Exploratory Undersampling for Class-Imbalance Learning.
    """

    hardness = "absolute"

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _picker(self, rows: Rows, target: Floats) -> Pick:
        kept = cascade_counts(rows.counts, target, self.n_estimators)
        return _Cascade(kept * rows.unit)


class _Cascade:
    """The rows of each class that are still in play, and the mass each round leaves of them (T, K)."""

    def __init__(self, keep: Floats) -> None:
        self.keep = keep
        self.left: dict[int, Ints] = {}

    def __call__(self, group: ClassRows, hard: Floats, n: int, i: int, rng: np.random.Generator) -> Ints:
        left = self.left.get(group.code, np.arange(len(group.rows)))
        left = left[np.argsort(-hard[left], kind="stable")]
        # the hardest rows, as many as it takes to reach the wanted mass
        reached = np.searchsorted(np.cumsum(group.mass[left]), self.keep[i - 1, group.code] * (1 - 1e-9))
        left = left[: int(reached) + 1]
        self.left[group.code] = left
        return np.asarray(left[draw(group.mass[left], n, rng, even=group.even)])


CARD = {
    "lever": "ensemble",
    "name": "BalanceCascadeClassifier",
    "title": "BalanceCascade (easy majority rows leave round by round)",
    "seeds": ["005", "006"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu, Wu & Zhou (2009), Exploratory Undersampling for Class-Imbalance Learning",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 6,
            "label": "BalanceCascade",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
