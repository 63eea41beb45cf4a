"""Keep the rows a cross-validated classifier finds easy."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from steelyard.resample.judged import JudgedUnderSampler
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Strategy

__all__ = ["InstanceHardnessThreshold"]


class InstanceHardnessThreshold(JudgedUnderSampler):
    """Drop the rows of the large classes to which a classifier gives the least probability of their own class.

    When to use it: to remove overlap as a classifier sees it; costs `cv` fits. Rows with equal probabilities
    stay together, so the numbers are those asked for only nearly.

    Args:
        estimator: an unfitted classifier with `predict_proba`; None is a random forest of 100 trees, which from
            10,000 rows on cuts the columns into bins (pass a RandomForestClassifier for imbalanced-learn's own rows).
        sampling_strategy: see `sampling_targets`.
        random_state: seed of the folds and of the classifier.
        cv: number of folds.
        n_jobs: processes of the forest and of the cross-validation.

    Raises:
        UsageError: an estimator without `predict_proba`.

    >>> from sklearn.linear_model import LogisticRegression
    >>> X = np.arange(12.0)[:, None]
    >>> sampler = InstanceHardnessThreshold(LogisticRegression(), random_state=0, cv=2)
    >>> sampler.fit_resample(X, [0] * 9 + [1] * 3)[0].ravel().tolist()
    [0.0, 1.0, 2.0, 9.0, 10.0, 11.0]

    Source: Smith, Martinez, Giraud-Carrier (2014), An instance level analysis of data complexity.
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        cv: int = 5,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.cv = cv
        self.n_jobs = n_jobs

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        self.estimator_ = self._classifier(X, random_state)
        probability = self._held_out(X, y, random_state)[np.arange(len(y)), y]
        kept = []
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            if code in self._wanted:
                share = (1.0 - self._wanted[code] / len(rows)) * 100.0
                rows = rows[probability[rows] >= np.percentile(probability[rows], share)]
            kept.append(rows)
        return Plan.keeping(len(y), np.concatenate(kept))


CARD = {
    "lever": "resample",
    "name": "InstanceHardnessThreshold",
    "title": "instance hardness threshold",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Smith, Martinez, Giraud-Carrier (2014), An instance level analysis of data complexity",
    "facts": {"kind": "under"},
}
