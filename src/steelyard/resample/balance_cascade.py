"""Under-sampling by a cascade: rows that are already easy leave, round by round."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from steelyard.core import Floats
from steelyard.resample.base import positive_integer
from steelyard.resample.judged import JudgedUnderSampler
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Strategy
from steelyard.samplers import cascade_counts

__all__ = ["BalanceCascadeUnderSampler"]


class BalanceCascadeUnderSampler(JudgedUnderSampler):
    r"""Keep the rows of the large classes that a cascade of classifiers gets right last.

    When to use it: clean tables with a large, mostly easy majority. With noisy labels the rows that stay are the
    noisy ones; a self-paced under-sampler is the safer choice there.

    In each of `n_rounds` rounds a classifier trains on the other classes and as many random rows of what is left of
    the large ones as are wanted in the end. Then the easiest rows, for the mean of the classifiers so far, leave
    until :math:`\lfloor n_c (t_c / n_c)^{i / T} \rfloor` of :math:`n_c` remain after round :math:`i` of T, and so
    the wanted :math:`t_c` at last.

    Args:
        estimator: an unfitted classifier with `predict_proba`; None is a random forest of 100 trees.
        sampling_strategy: see `sampling_targets`.
        random_state: seed of the draws and the classifiers.
        n_rounds: number of rounds T.
        n_jobs: processes of the forest.

    Raises:
        UsageError: an option out of range, or an estimator without `predict_proba`.

    >>> from sklearn.linear_model import LogisticRegression
    >>> X = np.arange(40.0)[:, None]
    >>> sampler = BalanceCascadeUnderSampler(LogisticRegression(), random_state=0)
    >>> sampler.fit_resample(X, [0] * 36 + [1] * 4)[0].ravel().tolist()
    [32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0]

    Source: Liu, Wu & Zhou (2009), Exploratory Undersampling for Class-Imbalance Learning.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        n_rounds: int = 5,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_rounds = n_rounds
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        super()._check_options()
        positive_integer(self.n_rounds, "n_rounds")

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        self.estimator_ = self._classifier(X, random_state)
        left = {code: np.flatnonzero(y == code) for code in self._wanted}
        rest = np.flatnonzero(~np.isin(y, list(left)))
        target = list(self._wanted.values())
        counts = cascade_counts([len(rows) for rows in left.values()], target, self.n_rounds).astype(np.int64)
        true: Floats = np.zeros(len(y))
        for count in counts:
            drawn = [
                random_state.choice(rows, min(max(self._wanted[code], 1), len(rows)), replace=False)
                for code, rows in left.items()
            ]
            chosen = np.concatenate([rest, *drawn])
            model = clone(self.estimator_).fit(X[chosen], y[chosen])
            for (code, rows), most in zip(left.items(), count, strict=True):
                if len(rows):
                    column = int(np.searchsorted(model.classes_, code))
                    true[rows] += model.predict_proba(X[rows])[:, column]
                left[code] = np.sort(rows[np.argsort(true[rows], kind="stable")[:most]])
        everyone = np.concatenate([rest, *left.values()])
        return Plan.keeping(len(y), everyone[np.argsort(y[everyone], kind="stable")])


CARD = {
    "lever": "resample",
    "name": "BalanceCascadeUnderSampler",
    "title": "BalanceCascade as an under-sampler (easy majority rows leave round by round)",
    "seeds": ["005", "006"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu, Wu & Zhou (2009), Exploratory Undersampling for Class-Imbalance Learning",
    "facts": {
        "kind": "under",
        "arm": {
            "kind": "resampler",
            "rank": 4,
            "label": "BalanceCascade under-sampling",
            "encoding": "linear",
            "default": False,
        },
    },
}
