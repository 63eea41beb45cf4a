"""The nearest rows of some queries among rows that come by a piece at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import QUERIES, ROWS, Points, in_parallel
from steelyard.resample.streams.held import Held

__all__ = ["Found", "Nearest"]


@dataclass(frozen=True, eq=False)
class Found:
    """Pairs that may be among the nearest: position of the query, squared distance, row number, class."""

    query: Ints
    squared: NDArray[np.float64]
    row: Ints
    code: Ints


class Nearest:
    r"""The k nearest other rows of every query, exact in float64; of equally near ones those with low numbers.

    A piece is compared by blocked products whose rounding is bounded (see `Points`): only pairs that can beat
    the k-th nearest known so far are measured in float64. That bound falls with every piece, so nearly
    all of a later piece is ruled out by one product.

    Args:
        queries: the rows asked for.
        k: how many neighbours.

    Attributes:
        squared, row, code: squared distances, row numbers and classes of the nearest so far (q, k), nearest
            first; infinity and -1 where nothing was seen yet.
        asked: queries that still matter (q,); the others are passed over.
    """

    def __init__(self, queries: Held, k: int) -> None:
        self.queries, self.k = queries, k
        q = len(queries.ids)
        self.squared = np.full((q, k), np.inf)
        self.row = np.full((q, k), -1, dtype=np.int64)
        self.code = np.full((q, k), -1, dtype=np.int64)
        self.asked = np.ones(q, dtype=bool)

    def search(self, others: Held, *, n_jobs: int | None = None) -> Found:
        """The pairs with rows of a piece that can change something; nothing is changed yet."""
        asked = np.flatnonzero(self.asked)
        if not len(asked) or not len(others.ids):
            return Found(*(np.empty(0, dtype=kind) for kind in (np.int64, float, np.int64, np.int64)))
        q = len(asked)
        points = Points(np.concatenate([self.queries.X[asked], others.X]))
        queries, rows = np.arange(q), np.arange(q, q + len(others.ids))
        limit = self.squared[asked, -1]
        fresh = np.flatnonzero(np.isinf(limit))
        if len(fresh):
            # the row itself may be among the others, so one more than k is looked at
            most = min(self.k + 1, len(rows))
            limit[fresh] = nearest_values(points, queries[fresh], rows, most, n_jobs=n_jobs)[-1]
        limit = limit + 2 * points.margin(queries, limit)
        return self._measured(points, asked, others, limit.astype(points.dtype), n_jobs)

    def _measured(
        self, points: Points, asked: Ints, others: Held, limit: NDArray[Any], n_jobs: int | None
    ) -> Found:
        q = len(asked)
        right = points.right[q:]
        parts: dict[int, Found] = {}

        def block(start: int) -> None:
            at = np.arange(start, min(start + QUERIES, q))
            left = points.left(at).T
            kept = Found(*(np.empty(0, dtype=kind) for kind in (np.int64, float, np.int64, np.int64)))
            for first in range(0, len(right), ROWS):
                D = right[first : first + ROWS] @ left
                near = np.flatnonzero(D.min(axis=0) <= limit[at])
                if not len(near):
                    continue
                row, column = np.nonzero(D[:, near] <= limit[at[near]])
                query, other = asked[at[near[column]]], row + first
                new = self._pairs(query, other, others)
                kept = _best(_joined(kept, new), self.k)
            parts[start] = kept

        in_parallel(block, range(0, q, QUERIES), n_jobs)
        return _joined(*(parts[start] for start in sorted(parts)))

    def _pairs(self, query: Ints, other: Ints, others: Held) -> Found:
        """Measure pairs in float64, the row itself left out."""
        apart = self.queries.ids[query] != others.ids[other]
        query, other = query[apart], other[apart]
        difference = np.asarray(others.X[other], dtype=np.float64) - self.queries.X[query]
        squared = np.einsum("ij,ij->i", difference, difference)
        return Found(query, squared, others.ids[other], others.codes[other])

    def absorb(self, found: Found) -> None:
        """Take over what a search found; the order in which pieces are absorbed does not matter."""
        if not len(found.query):
            return
        touched = np.unique(found.query)
        known = Found(
            np.repeat(touched, self.k),
            self.squared[touched].ravel(),
            self.row[touched].ravel(),
            self.code[touched].ravel(),
        )
        best = _best(_joined(known, found), self.k)
        place = np.arange(len(best.query)) - np.searchsorted(best.query, best.query)
        self.squared[best.query, place] = best.squared
        self.row[best.query, place] = best.row
        self.code[best.query, place] = best.code


def _joined(*parts: Found) -> Found:
    return Found(
        np.concatenate([part.query for part in parts]),
        np.concatenate([part.squared for part in parts]),
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.code for part in parts]),
    )


def _best(found: Found, k: int) -> Found:
    """The k nearest of every query, sorted by query and then by distance and row number."""
    order = np.lexsort((found.row, found.squared, found.query))
    query = found.query[order]
    rank = np.arange(len(query)) - np.searchsorted(query, query)
    order = order[rank < k]
    return Found(found.query[order], found.squared[order], found.row[order], found.code[order])
