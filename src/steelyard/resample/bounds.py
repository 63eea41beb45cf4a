"""Is a row surrounded closely enough by its own class? Probes first, exact distances for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.cells import Cells
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points

__all__ = ["distance_within"]

WIDTHS = (2, 8)
"""How many cells the rounds of probing look at; only rows not yet decided go on."""
PROBED = 4000
"""Fewer members than this are searched outright."""


def distance_within(
    points: Points,
    rows: Ints,
    members: Ints,
    m: int,
    limit: NDArray[Any],
    *,
    n_jobs: int | None = None,
) -> NDArray[Any]:
    """The m-th smallest squared distance of `rows` to `members`, the row itself among them (q,).

    A value is exact up to rounding unless it lies below `limit` (q,) by more than the margin: then it may be an
    upper bound, which is all that is asked of it.
    """
    found = np.full(len(rows), np.inf, dtype=points.dtype)
    left = np.arange(len(rows))
    if len(members) >= PROBED and len(rows) > len(members) // 50:
        cells = Cells(points, members, n_jobs=n_jobs)
        for width in WIDTHS:
            found[left] = cells.probe(rows[left], m, width)
            left = left[~(found[left] + points.margin(rows[left], found[left]) < limit[left])]
    found[left] = nearest_values(points, rows[left], members, m, within=found[left], n_jobs=n_jobs)[-1]
    return found
