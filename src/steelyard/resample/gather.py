"""The nearest rows of many queries: blocks of distances, of which only what can still matter is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.plan import Ints
from steelyard.resample.points import QUERIES, ROWS, Points, in_parallel, smallest

__all__ = ["nearest_candidates", "nearest_values"]

SAMPLE = 1024
"""So many of the others are looked at first, for a limit that most of the rest exceeds."""
CROWD = 20
"""A query with this many times more candidates than asked for sits in a crowd of ties."""


def nearest_values(
    points: Points,
    queries: Ints,
    others: Ints,
    m: int,
    *,
    within: NDArray[Any] | None = None,
    n_jobs: int | None = None,
) -> NDArray[Any]:
    """The m smallest squared distances from every query to the others, nearest first (m, q).

    Where there are fewer others, infinity fills up. With `within` (q,), upper bounds of the m-th known
    beforehand, less is looked at.
    """
    if m == 1:
        return points.nearest(queries, others, 1, n_jobs=n_jobs)
    found = np.full((m, len(queries)), np.inf, dtype=points.dtype)
    right = points.right[others]

    def block(start: int) -> None:
        at = slice(start, start + QUERIES)
        scan = _Scan(points.left(queries[at]).T, right, m, None if within is None else within[at])
        value, query, _ = scan.run()
        rank = np.arange(len(query)) - np.searchsorted(query, query)
        found[rank, start + query] = value

    in_parallel(block, range(0, len(queries), QUERIES), n_jobs)
    return found


def nearest_candidates(
    points: Points, queries: Ints, others: Ints, m: int, *, n_jobs: int | None = None
) -> tuple[Ints, Ints, NDArray[Any]]:
    """Pairs (position in queries, row, squared distance), sorted, that hold the m nearest others of every query.

    Pairs that rounding cannot tell from the m-th nearest are among them. A query with a crowd of equally near
    others is given up: it has fewer than m pairs.
    """
    right = points.right[others]
    pairs: dict[int, tuple[NDArray[Any], Ints, Ints]] = {}

    def block(start: int) -> None:
        some = queries[start : start + QUERIES]
        scan = _Scan(
            points.left(some).T, right, m, None, lambda value: value + 2 * points.margin(some, value)
        )
        value, query, row = scan.run()
        pairs[start] = value, query + start, others[row]

    in_parallel(block, range(0, len(queries), QUERIES), n_jobs)
    blocks = [pairs[start] for start in sorted(pairs)]
    value, query, row = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return query, row, value


class _Scan:
    """One block of queries against all others.

    Args:
        left: the query side (d + 2, q).
        right: the others (s, d + 2).
        m: how many are wanted.
        within: upper bounds of the m-th smallest, if known (q,).
        widen: makes of the m-th smallest value the limit up to which pairs are kept; without it exactly m
            values are kept, of rows that are not named in a crowd of ties.
    """

    def __init__(
        self,
        left: NDArray[Any],
        right: NDArray[Any],
        m: int,
        within: NDArray[Any] | None,
        widen: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
    ) -> None:
        self.left, self.right, self.m, self.widen = left, right, m, widen
        self.q, self.dtype = left.shape[1], left.dtype
        self.limit = np.full(self.q, np.inf, dtype=self.dtype)
        # products of other shapes may round otherwise, so a limit taken from one is no bar to its own row
        self.rounding = 2 * (len(left) + 6) * np.finfo(self.dtype).eps
        if within is not None:
            self._lower(within)
        self.value = np.empty(0, dtype=self.dtype)
        self.query = self.row = np.empty(0, dtype=np.int64)
        self.pending: list[tuple[NDArray[Any], Ints, Ints]] = []
        self.size = 0

    def run(self) -> tuple[NDArray[Any], Ints, Ints]:
        """Values, queries and positions of what was kept, sorted by query and value."""
        sample = self.right[:: max(1, len(self.right) // SAMPLE)]
        if self.m <= len(sample) < len(self.right):
            self._lower(smallest(sample @ self.left, self.m).max(axis=0))
        buffer = np.empty((ROWS, self.q), dtype=self.dtype)
        for first in range(0, len(self.right), ROWS):
            part = self.right[first : first + ROWS]
            self._add(np.dot(part, self.left, out=buffer[: len(part)]), first)
        self._tighten()
        return self.value, self.query, self.row

    def _lower(self, bound: NDArray[Any]) -> None:
        if self.widen is None:
            wide = bound + self.rounding * (8 * self.left[-1] + 2 * np.abs(bound))
        else:
            wide = self.widen(bound)
        np.minimum(self.limit, wide.astype(self.dtype), out=self.limit)

    def _add(self, D: NDArray[Any], first: int) -> None:
        flat = np.flatnonzero(self.limit >= D)
        if len(flat) > D.size // 8 and self.m <= len(D):
            flat = self._crowded(D)
        row, query = np.divmod(flat, self.q)
        self._hold(D.ravel()[flat], query, row + first)

    def _crowded(self, D: NDArray[Any]) -> Ints:
        """A block in which the limit keeps out little, at the start or among ties."""
        best = smallest(D.copy(), self.m)
        self._lower(best.max(axis=0))
        near = self.limit >= D
        if self.widen is None:
            crowd = near.sum(axis=0) > CROWD * self.m
            near[:, crowd] = False
            self._hold(
                best[:, crowd].ravel(),
                np.tile(np.flatnonzero(crowd), self.m),
                np.full(self.m * int(crowd.sum()), -1),
            )
        return np.flatnonzero(near)

    def _hold(self, value: NDArray[Any], query: Ints, row: Ints) -> None:
        self.pending.append((value, query, row))
        self.size += len(value)
        if self.size > 8 * self.m * self.q:
            self._tighten()

    def _tighten(self) -> None:
        """Sort what is held, and drop what cannot be among the m smallest any more."""
        value, query, row = (
            np.concatenate(part)
            for part in zip((self.value, self.query, self.row), *self.pending, strict=True)
        )
        order = np.lexsort((value, query))
        value, query, row = value[order], query[order], row[order]
        start = np.searchsorted(query, np.arange(self.q + 1))
        place = np.minimum(start[:-1] + self.m - 1, max(len(value) - 1, 0))
        enough = start[1:] - start[:-1] >= self.m
        if enough.any():
            self._lower(np.where(enough, value[place], np.inf))
        rank = np.arange(len(query)) - start[query]
        if self.widen is None:
            kept = rank < self.m
        else:
            kept = value <= self.limit[query]
            crowd = np.bincount(query[kept], minlength=self.q) > CROWD * self.m
            self.limit[crowd] = -np.inf
            kept &= ~crowd[query]
        self.value, self.query, self.row = value[kept], query[kept], row[kept]
        self.pending, self.size = [], 0
