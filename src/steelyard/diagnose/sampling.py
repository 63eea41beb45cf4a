"""Thin a table for the expensive probes without losing its rare rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

__all__: list[str] = []


def keep_rare(y: NDArray[np.int64], limit: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most `limit` row positions, in row order, thinning only the largest classes.

    Every class up to a common ceiling is kept whole; classes above it are cut down to the ceiling at random.
    """
    if len(y) <= limit:
        return np.arange(len(y))
    counts = np.bincount(y)
    ceiling = _ceiling(counts, limit)
    kept = [
        rows if len(rows) <= ceiling else rng.choice(rows, ceiling, replace=False)
        for rows in (np.flatnonzero(y == k) for k in range(len(counts)))
    ]
    return np.sort(np.concatenate(kept))


def keep_shares(y: NDArray[np.int64], limit: int, rng: np.random.Generator, floor: int) -> NDArray[np.int64]:
    """About `limit` row positions, in row order, that keep the classes' shares, but `floor` rows of each if it has."""
    if len(y) <= limit:
        return np.arange(len(y))
    counts = np.bincount(y)
    wanted = np.minimum(counts, np.maximum(floor, np.round(counts * limit / len(y)).astype(np.int64)))
    kept = [rng.choice(np.flatnonzero(y == k), wanted[k], replace=False) for k in range(len(counts))]
    return np.sort(np.concatenate(kept))


def row_weights(y: NDArray[np.int64], kept: NDArray[np.int64]) -> Floats:
    """How many rows of the whole table each kept row stands for."""
    n_classes = int(y.max()) + 1
    whole = np.bincount(y, minlength=n_classes).astype(float)
    part = np.bincount(y[kept], minlength=n_classes)
    return (whole / np.maximum(part, 1))[y[kept]]


def _ceiling(counts: NDArray[np.int64], limit: int) -> int:
    low, high = 1, int(counts.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= limit else (low, middle - 1)
    return low
