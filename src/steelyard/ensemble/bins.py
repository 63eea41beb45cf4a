"""Columns cut into bins once, so that every member of an ensemble sorts small whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.ensemble.asked import PART

__all__: list[str] = []

MISSING = 255
"""The code of a missing value; bins are numbered below it."""
MOST = 254
SAMPLE = 10_000
_SEARCH = 150
"""With fewer values an edge, searching is faster than counting."""

Codes = NDArray[np.uint8]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bins:
    """The edges of every column's bins; code k holds the values above edge k - 1 and up to edge k.

    Attributes:
        edges: ascending edges (d, b), filled up with infinity.
        size: how many edges of each column are finite (d,).
    """

    edges: NDArray[np.float32]
    size: Ints

    @classmethod
    def of(cls, X: Any, groups: list[Ints], most: int) -> Bins:
        """At most `most` bins a column; every group of rows gets as many quantiles as any other.

        A rare class so has its share of the edges. A column of few distinct values keeps them all apart.
        """
        samples = [rows[:: -(-len(rows) // SAMPLE)] for rows in groups]
        columns = [_edges([X[rows, j] for rows in samples], most) for j in range(X.shape[1])]
        size = np.array([len(column) for column in columns], dtype=np.int64)
        edges = np.full((len(columns), max(1, int(size.max()))), np.inf, dtype=np.float32)
        for j, column in enumerate(columns):
            edges[j, : len(column)] = column
        return cls(edges, size)

    def plain(self) -> Bins:
        """Bins of the codes themselves: each its own edge."""
        edges = np.tile(np.arange(self.edges.shape[1], dtype=np.float32), (len(self.size), 1))
        return Bins(edges, self.size)

    def encode(self, X: Any) -> Codes:
        """Codes of rows (n, d), column by column in memory."""
        codes = np.empty(X.shape, dtype=np.uint8, order="F")
        for start in range(0, len(codes), PART):
            rows = slice(start, start + PART)
            for j, size in enumerate(self.size):
                column = np.ascontiguousarray(X[rows, j])
                codes[rows, j] = _places(self.edges[j, :size], column)
                lost = np.isnan(column)
                if lost.any():
                    codes[rows, j][lost] = MISSING
        return codes

    def decode(self, column: Ints, threshold: Floats) -> Floats:
        """What thresholds on codes are on values: both send every row the same way."""
        cut = np.clip(np.floor(threshold), 0, self.edges.shape[1] - 1).astype(np.int64)
        return np.where(np.isfinite(threshold), self.edges[column, cut], threshold)


def as_values(codes: Codes) -> NDArray[np.float32]:
    """Codes as a learner's rows (n, d), missing values as such."""
    table = codes.astype(np.float32, order="C")
    table[codes == MISSING] = np.nan
    return table


def _places(edges: NDArray[np.float32], column: NDArray[np.float32]) -> Any:
    """How many edges lie below each value: searched for, or of many values counted edge by edge."""
    if len(column) < _SEARCH * len(edges):
        return np.searchsorted(edges, column)
    below = np.zeros(len(column), dtype=np.uint8)
    for edge in edges.tolist():
        below += (column > edge).view(np.uint8)
    return below


def _edges(parts: list[Any], most: int) -> NDArray[np.float32]:
    distinct = [np.unique(part[~np.isnan(part)]) for part in parts]
    every = np.unique(np.concatenate(distinct))
    if len(every) <= most:
        return _between(every, np.arange(len(every) - 1))
    each = max(2, most // len(parts))
    cuts = []
    for part in parts:
        known = np.sort(part[~np.isnan(part)])
        if len(known):
            at = np.linspace(0, len(known) - 1, each + 1)[1:-1].astype(np.int64)
            cuts.append(np.searchsorted(every, known[at]))
    where = np.unique(np.concatenate(cuts))
    where = where[where < len(every) - 1]
    if len(where) >= most:
        where = where[np.linspace(0, len(where) - 1, most - 1).astype(np.int64)]
    return _between(every, where)


def _between(values: NDArray[np.float32], at: Ints) -> NDArray[np.float32]:
    """Points between neighbouring values; the lower one where nothing lies between."""
    low, high = values[at], values[at + 1]
    middle = (low / 2 + high / 2).astype(np.float32)
    return np.where((middle >= high) | (middle < low), low, middle)
