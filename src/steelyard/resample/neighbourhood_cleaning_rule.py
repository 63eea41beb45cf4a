"""Clean the neighbourhood of the rarest class."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from steelyard.resample.agreement import agreeing, vote
from steelyard.resample.base import BaseSampler
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.repeated_edited_nearest_neighbours import rarest_by_appearance
from steelyard.resample.search import nearest_rows
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["NeighbourhoodCleaningRule"]


class NeighbourhoodCleaningRule(BaseSampler):
    """Edited nearest neighbours, then removal of the rows that make rare rows misclassified.

    When to use it: to give the rarest class room without touching it. Rows that the majority of their
    neighbours contradicts go first. Then every rare row that its neighbours would misclassify drives away those
    of its neighbours whose class has more than `threshold_cleaning` times as many rows as the rarest.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        edited_nearest_neighbours: an EditedNearestNeighbours for the first step instead of one by majority.
        n_neighbors: neighbours to look at, or an unfitted neighbour search (of one more), or a classifier.
        threshold_cleaning: see above.
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [8.0], [8.1], [8.5], [9.0]])
    >>> NeighbourhoodCleaningRule().fit_resample(X, [0, 0, 0, 0, 0, 0, 1, 1])[0].ravel().tolist()
    [0.0, 1.0, 2.0, 3.0, 8.5, 9.0]

    Source: Laurikkala (2001), Improving identification of difficult small classes by balancing class distribution.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        edited_nearest_neighbours: Any = None,
        n_neighbors: Any = 3,
        threshold_cleaning: float = 0.5,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.edited_nearest_neighbours = edited_nearest_neighbours
        self.n_neighbors = n_neighbors
        self.threshold_cleaning = threshold_cleaning
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")

    def _plan(self, X: Any, y: Ints) -> Plan:
        keep = self._edited(X, y)
        counts, rare = np.bincount(y), rarest_by_appearance(y)
        large = [c for c in self._wanted if counts[c] > counts[rare] * self.threshold_cleaning]
        self.classes_to_clean_ = [self._names[c] for c in large]
        rows = np.flatnonzero(y == rare)
        near, wrong = self._around(X, y, rows)
        crowding = np.unique(near[wrong][:, 1:])
        keep[crowding[np.isin(y[crowding], large)]] = False
        return Plan.keeping(len(y), np.flatnonzero(keep))

    def _edited(self, X: Any, y: Ints) -> NDArray[np.bool_]:
        if self.edited_nearest_neighbours is None:
            targets = list(self._wanted)
            return agreeing(X, y, self.n_neighbors, targets, kind="mode", n_jobs=self.n_jobs)
        cleaner = clone(self.edited_nearest_neighbours)
        cleaner.fit_resample(X, self._names[y])
        keep = np.zeros(len(y), dtype=bool)
        keep[cleaner.sample_indices_] = True
        return keep

    def _around(self, X: Any, y: Ints, rows: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """The nearest rows of the rare ones, and which of these their neighbours misclassify."""
        if isinstance(self.n_neighbors, int | np.integer | NearestNeighbors):
            k = min(check_neighbours(self.n_neighbors, "n_neighbors"), X.shape[0] - 1)
            search = KNeighborsClassifier(n_neighbors=k, n_jobs=self.n_jobs)
            near, tied = nearest_rows(X, rows, k, n_jobs=self.n_jobs)
        else:
            search = clone(self.n_neighbors)
            search.fit(X, y)
            near = search.kneighbors(X[rows], n_neighbors=search.n_neighbors + 1, return_distance=False)
            tied = np.ones(len(rows), dtype=bool)
        wrong = ~vote(y[near[:, :-1]], y[rows], "mode")
        if tied.any():
            wrong[tied] = search.fit(X, y).predict(X[rows[tied]]) != y[rows[tied]]
        return near, wrong


CARD = {
    "lever": "resample",
    "name": "NeighbourhoodCleaningRule",
    "title": "neighbourhood cleaning rule",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Laurikkala (2001), Improving identification of difficult small classes",
    "facts": {"kind": "clean"},
}
