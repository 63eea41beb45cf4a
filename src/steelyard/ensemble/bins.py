"""Columns cut into bins once, so that every member of an ensemble sorts small whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.ensemble.compiled import compiled

__all__: list[str] = []

MISSING = 255
"""The code of a missing value; bins are numbered below it."""
MOST = 254
SAMPLE = 10_000

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
        samples = [X[rows[:: -(-len(rows) // SAMPLE)]] for rows in groups]
        parts = [np.sort(np.ascontiguousarray(sample.T), axis=1) for sample in samples]  # the missing last
        every = np.sort(np.concatenate(parts, axis=1), axis=1)
        known = [(~np.isnan(part)).sum(axis=1).tolist() for part in parts]
        kinds = ((every[:, 1:] > every[:, :-1]).sum(axis=1) + 1).tolist()
        pairs = []
        for j, values in enumerate(every):
            if kinds[j] <= most:
                pairs.append(_gaps(values))
            else:
                seen = [part[j, : n[j]] for part, n in zip(parts, known, strict=True)]
                pairs.append(_quantiles(values[: sum(map(len, seen))], seen, most))
        size = np.array([len(low) for low, _ in pairs], dtype=np.int64)
        ends = np.full((2, len(pairs), max(1, int(size.max()))), np.inf, dtype=np.float32)
        for j, pair in enumerate(pairs):
            ends[:, j, : size[j]] = pair
        edges = _between(*ends)
        return cls(edges, size)

    def plain(self) -> Bins:
        """Bins of the codes themselves: each its own edge."""
        edges = np.tile(np.arange(self.edges.shape[1], dtype=np.float32), (len(self.size), 1))
        return Bins(edges, self.size)

    def encode(self, X: Any) -> Codes:
        """Codes of rows (n, d), column by column in memory."""
        codes = np.empty(X.shape, dtype=np.uint8, order="F")
        _encode(np.asarray(X, dtype=np.float32), self.edges, self.size, codes.T)
        return codes


def as_values(codes: Codes) -> NDArray[np.float32]:
    """Codes as a learner's rows (n, d), missing values as such."""
    table = codes.astype(np.float32, order="C")
    table[codes == MISSING] = np.nan
    return table


def some(codes: Codes, rows: Ints) -> Codes:
    """The codes of some rows, column by column in memory."""
    return codes.T.take(rows, axis=1).T


@compiled
def _encode(X: Any, edges: Any, size: Any, codes: Any) -> None:
    """How many edges lie below each value: counting them all takes no guess, so it is faster than searching."""
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            value, below = X[i, j], np.int32(0)
            for k in range(size[j]):
                below += np.int32(edges[j, k] < value)
            codes[j, i] = MISSING if value != value else below


def _gaps(values: NDArray[np.float32]) -> tuple[Any, Any]:
    """The values on both sides of every gap between sorted values."""
    gap = values[1:] > values[:-1]
    return values[:-1][gap], values[1:][gap]


def _quantiles(values: NDArray[np.float32], parts: list[Any], most: int) -> tuple[Any, Any]:
    """The quantiles of each part of sorted values, and the values that come after them."""
    each = max(2, most // len(parts))
    cuts = np.sort(np.concatenate([part[_evenly(len(part), each + 1)[1:-1]] for part in parts if len(part)]))
    low = cuts[np.concatenate([[True], cuts[1:] > cuts[:-1]])]
    above = values.searchsorted(low, side="right")
    if above[-1] == len(values):
        low, above = low[:-1], above[:-1]
    if len(low) >= most:
        thinned = _evenly(len(low), most - 1)
        low, above = low[thinned], above[thinned]
    return low, values[above]


@lru_cache(256)
def _evenly(n: int, count: int) -> Ints:
    """`count` positions spread evenly over 0 to n - 1."""
    return np.linspace(0, n - 1, count).astype(np.int64)


def _between(low: NDArray[np.float32], high: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points between neighbouring values; the lower one where nothing lies between."""
    middle = (low / 2 + high / 2).astype(np.float32)
    return np.where((middle >= high) | (middle < low), low, middle)
