"""Keep the large-class rows that lie nearest to the rare class."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from steelyard.core import UsageError
from steelyard.resample.base import BaseSampler
from steelyard.resample.neighbours import check_neighbours, searcher
from steelyard.resample.plan import Ints, Plan, is_sparse
from steelyard.resample.points import Points
from steelyard.resample.repeated_edited_nearest_neighbours import rarest_by_appearance
from steelyard.resample.search import nearest_others
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["NearMiss"]

SMALL = 300
"""Tables of fewer rows are searched outright."""
PAIRS, QUERIES = 2**25, 1024
"""Distances a search gives at once, at least for so many rows."""


class NearMiss(BaseSampler):
    """Choose the rows of the large classes by their distance to the rarest class.

    When to use it: seldom; it keeps the hardest rows and is sensitive to noise. Version 1 keeps the rows with
    the smallest sum of distances to their `n_neighbors` nearest rare rows, version 2 to their farthest ones.
    Version 3 first keeps the `n_neighbors_ver3` nearest rows of every rare row, then among these the ones
    farthest from their nearest rare rows; it may end with fewer rows than asked, which `notices_` says.

    Args:
        sampling_strategy: see `sampling_targets`.
        version: 1, 2 or 3.
        n_neighbors: rare rows to sum over, or an unfitted neighbour search.
        n_neighbors_ver3: rows kept for every rare row by version 3, or an unfitted neighbour search.
        n_jobs: threads of the searches.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [8.0], [9.0]])
    >>> NearMiss(n_neighbors=1).fit_resample(X, [0, 0, 0, 0, 1, 1])[0].ravel().tolist()
    [3.0, 2.0, 8.0, 9.0]

    Source: Mani, Zhang (2003), kNN approach to unbalanced data distributions.
    """

    _sampling_type: ClassVar[Kind] = "under-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        version: int = 1,
        n_neighbors: Any = 3,
        n_neighbors_ver3: Any = 3,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.version = version
        self.n_neighbors = n_neighbors
        self.n_neighbors_ver3 = n_neighbors_ver3
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")
        check_neighbours(self.n_neighbors_ver3, "n_neighbors_ver3")
        if self.version not in (1, 2, 3):
            raise UsageError(f"version={self.version!r} was given, expected 1, 2 or 3")

    def _plan(self, X: Any, y: Ints) -> Plan:
        rare = np.flatnonzero(y == rarest_by_appearance(y))
        search = searcher(self.n_neighbors, len(rare), n_jobs=self.n_jobs, extra=0).fit(X[rare])
        kept = []
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            if code in self._wanted:
                rows = self._choose(X, rows, rare, search, self._wanted[code])
            kept.append(rows)
        return Plan.keeping(len(y), np.concatenate(kept))

    def _choose(self, X: Any, rows: Ints, rare: Ints, search: Any, wanted: int) -> Ints:
        k = search.n_neighbors
        if self.version == 3:
            rows = self._around(X, rows, rare)
            if len(rows) < wanted:
                self._notice(
                    f"{len(rows)} rows are near rare ones, fewer than the {wanted} asked for: all are kept"
                )
            total = search.kneighbors(X[rows])[0].sum(axis=1)
            return rows[np.argsort(-total, kind="stable")[:wanted]]
        if _plain(X, search):
            rows = rows[_contenders(X, rows, rare, k, wanted, farthest=self.version == 2, n_jobs=self.n_jobs)]
        asked = k if self.version == 1 else len(rare)
        total = np.empty(len(rows))
        for first in range(0, len(rows), step := max(QUERIES, PAIRS // asked)):
            some = rows[first : first + step]
            total[first : first + step] = search.kneighbors(X[some], n_neighbors=asked)[0][:, -k:].sum(axis=1)
        return rows[np.argsort(total, kind="stable")[:wanted]]

    def _around(self, X: Any, rows: Ints, rare: Ints) -> Ints:
        """The rows among the nearest of any rare one."""
        near = searcher(self.n_neighbors_ver3, len(rows), n_jobs=self.n_jobs, extra=0).fit(X[rows])
        found = None
        if _plain(X, near):
            found = nearest_others(X, rare, rows, near.n_neighbors, n_jobs=self.n_jobs)
        if found is None:
            found = rows[np.unique(near.kneighbors(X[rare], return_distance=False))]
        return found


def _plain(X: Any, search: Any) -> bool:
    """Whether products can stand in for a fitted search."""
    return bool(not is_sparse(X) and X.shape[0] >= SMALL and search.effective_metric_ == "euclidean")


def _contenders(
    X: Any, rows: Ints, rare: Ints, k: int, wanted: int, *, farthest: bool, n_jobs: int | None
) -> NDArray[np.bool_]:
    """Which rows can be among the `wanted` ones with the smallest sum of distances, ties included."""
    if not 0 < wanted < len(rows):
        return np.ones(len(rows), dtype=bool)
    points = Points(X)
    squared = points.nearest(rows, rare, k, farthest=farthest, n_jobs=n_jobs)
    slack = np.stack([points.margin(rows, value) for value in squared])
    low = np.sqrt(np.maximum(squared - slack, 0)).sum(axis=0)
    high = np.sqrt(squared + slack).sum(axis=0)
    return np.asarray(low <= np.partition(high, wanted - 1)[wanted - 1])


CARD = {
    "lever": "resample",
    "name": "NearMiss",
    "title": "NearMiss 1 to 3",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Mani, Zhang (2003), kNN approach to unbalanced data distributions",
    "facts": {"kind": "under"},
}
