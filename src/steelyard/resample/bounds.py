"""Is a row surrounded closely enough by its own class? Probes first, exact distances for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.cells import Cells
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points

__all__ = ["all_below", "distance_within", "distances_within"]

WIDTHS = (2, 8)
"""How many cells the rounds of probing look at; only rows not yet decided go on."""
PROBED = 4000
"""Fewer members than this are searched outright."""


def distance_within(
    points: Points, rows: Ints, members: Ints, m: int, limit: NDArray[Any], *, n_jobs: int | None = None
) -> NDArray[Any]:
    """The m-th smallest squared distance alone: exact, or an upper bound below `limit` (q,) by more than the margin."""
    limits = np.full((m, len(rows)), np.inf)
    limits[-1] = limit
    return np.asarray(distances_within(points, rows, members, limits, n_jobs=n_jobs)[-1])


def distances_within(
    points: Points, rows: Ints, members: Ints, limits: NDArray[Any], *, n_jobs: int | None = None
) -> NDArray[Any]:
    """The m smallest squared distances of `rows` to `members`, the row itself among them (m, q).

    They are exact up to rounding unless all of them lie below their `limits` (m, q) by more than the margin: then
    they may be upper bounds, which is all that is asked of them. Infinite limits ask for nothing.
    """
    found = probed(points, rows, members, limits, n_jobs=n_jobs)
    left = np.flatnonzero(~all_below(points, rows, found, limits))
    m = len(limits)
    found[:, left] = nearest_values(points, rows[left], members, m, within=found[-1, left], n_jobs=n_jobs)
    return found


def probed(
    points: Points, rows: Ints, members: Ints, limits: NDArray[Any], *, n_jobs: int | None = None
) -> NDArray[Any]:
    """Upper bounds of the m smallest squared distances, below their limits where few probes suffice (m, q)."""
    found = np.full(limits.shape, np.inf, dtype=points.dtype)
    left = np.arange(len(rows))
    if len(members) >= PROBED and len(rows) > len(members) // 50:
        cells = Cells(points, members, n_jobs=n_jobs)
        for width in WIDTHS:
            found[:, left] = cells.probe(rows[left], len(limits), width)
            left = left[~all_below(points, rows[left], found[:, left], limits[:, left])]
    return found


def all_below(points: Points, rows: Ints, found: NDArray[Any], limits: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows have all values below their limits by more than the margin (q,)."""
    fine = np.ones(len(rows), dtype=bool)
    for value, limit in zip(found, limits, strict=True):
        fine &= value + points.margin(rows, value) < limit
    return fine
