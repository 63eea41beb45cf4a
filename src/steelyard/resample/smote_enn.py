"""SMOTE followed by edited nearest neighbours."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from steelyard.resample.cleaned import SmoteThenCleaner
from steelyard.resample.edited_nearest_neighbours import EditedNearestNeighbours
from steelyard.resample.strategy import Strategy

__all__ = ["SMOTEENN"]


class SMOTEENN(SmoteThenCleaner):
    """Grow the small classes with SMOTE, then remove every row its neighbours contradict.

    When to use it: when SMOTE's rows reach into other classes and a strong cleaning is wanted; the result is
    seldom balanced. The cleaner looks at all classes and at real and made rows alike.

    Args:
        sampling_strategy: what SMOTE aims at, see `sampling_targets`.
        random_state: seed of SMOTE.
        smote: a SMOTE to use instead of the default one.
        enn: an EditedNearestNeighbours to use instead of one with `sampling_strategy="all"`.
        n_jobs: threads of the default cleaner.

    Raises:
        UsageError: a part that is no sampler.

    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [9.0], [10.0]])
    >>> _, y = SMOTEENN(random_state=0, enn=EditedNearestNeighbours(n_neighbors=1)).fit_resample(
    ...     X, np.array([0, 0, 0, 0, 1, 1]))
    >>> y.tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]

    Source: Batista, Prati, Monard (2004), A study of the behavior of several methods for balancing.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        smote: Any = None,
        enn: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.enn = enn
        self.n_jobs = n_jobs

    def _cleaner(self) -> Any:
        default = EditedNearestNeighbours(sampling_strategy="all", n_jobs=self.n_jobs)
        self.enn_ = default if self.enn is None else clone(self.enn)
        return self.enn_

    def _cleaner_name(self) -> str:
        return "enn"

    def _given_cleaner(self) -> Any:
        return self.enn


CARD = {
    "lever": "resample",
    "name": "SMOTEENN",
    "title": "SMOTE, then edited nearest neighbours",
    "seeds": ["008", "012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Batista, Prati, Monard (2004), A study of the behavior of several methods for balancing",
    "facts": {"kind": "combined"},
}
