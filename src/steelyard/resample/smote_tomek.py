"""SMOTE followed by the removal of Tomek links."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from steelyard.resample.cleaned import SmoteThenCleaner
from steelyard.resample.strategy import Strategy
from steelyard.resample.tomek_links import TomekLinks

__all__ = ["SMOTETomek"]


class SMOTETomek(SmoteThenCleaner):
    """Grow the small classes with SMOTE, then remove both rows of every Tomek link.

    When to use it: as SMOTE, where a light cleaning of the border afterwards is wanted; nearly all rows stay.

    Args:
        sampling_strategy: what SMOTE aims at, see `sampling_targets`.
        random_state: seed of SMOTE.
        smote: a SMOTE to use instead of the default one.
        tomek: a TomekLinks to use instead of one with `sampling_strategy="all"`.
        n_jobs: threads of the default cleaner.

    Raises:
        UsageError: a part that is no sampler.

    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [9.0], [10.0]])
    >>> SMOTETomek(random_state=0).fit_resample(X, np.array([0, 0, 0, 0, 1, 1]))[1].tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]

    Source: Batista, Bazzan, Monard (2003), Balancing training data for automated annotation of keywords.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        smote: Any = None,
        tomek: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.tomek = tomek
        self.n_jobs = n_jobs

    def _cleaner(self) -> Any:
        default = TomekLinks(sampling_strategy="all", n_jobs=self.n_jobs)
        self.tomek_ = default if self.tomek is None else clone(self.tomek)
        return self.tomek_

    def _cleaner_name(self) -> str:
        return "tomek"

    def _given_cleaner(self) -> Any:
        return self.tomek


CARD = {
    "lever": "resample",
    "name": "SMOTETomek",
    "title": "SMOTE, then removal of Tomek links",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Batista, Bazzan, Monard (2003), Balancing training data for automated annotation of keywords",
    "facts": {
        "kind": "combined",
        "arm": {"kind": "resampler", "rank": 6, "label": "SMOTE and Tomek links", "encoding": "linear"},
    },
}
