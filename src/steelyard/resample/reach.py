"""Which rows of another class lie within a known reach of a row? Cells that provably do not are left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.cells import Cells
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points, in_parallel, smallest

__all__ = ["nearest_within"]

PAIRS = 4e9
"""Fewer pairs than this are compared outright."""
SIZE, MOST = 48, 4096
"""About how many members a cell holds, and how many cells there are at most."""
TABLE, CACHED = 2**22, 2**17
"""Rows times cells looked at together, and bounded together."""
TRIED, WORTH = 512, 0.5
"""Rows tried first, and the share of the cells they may need before comparing outright is quicker."""


def nearest_within(
    points: Points,
    rows: Ints,
    others: Ints,
    m: int,
    reach: NDArray[Any],
    *,
    n_jobs: int | None = None,
) -> NDArray[Any]:
    """The m smallest squared distances to the others that are no more than `reach` (q,), else infinity (m, q).

    Values beyond the reach may be given as well; what is infinite lies beyond it for certain.
    """
    if not len(rows) or len(rows) * len(others) < PAIRS:
        return nearest_values(points, rows, others, m, n_jobs=n_jobs)
    cells = Cells(points, others, size=SIZE, most=MOST, n_jobs=n_jobs)
    outline = _Outline(points, cells)
    home = cells.assign(rows)
    some = np.linspace(0, len(rows) - 1, TRIED).astype(np.int64)
    share = outline.needed(rows[some], reach[some], home[some]) @ outline.size
    if share.mean() > WORTH * len(others):
        return nearest_values(points, rows, others, m, n_jobs=n_jobs)
    found = np.full((m, len(rows)), np.inf, dtype=points.dtype)
    order, step = np.argsort(home, kind="stable"), max(1, TABLE // len(cells.centres))

    def block(start: int) -> None:
        at = order[start : start + step]
        found[:, at] = _search(points, outline, rows[at], m, reach[at], home[at])

    in_parallel(block, range(0, len(rows), step), n_jobs)
    return found


def _search(
    points: Points, outline: _Outline, rows: Ints, m: int, reach: NDArray[Any], home: Ints
) -> NDArray[Any]:
    """One block of rows, near to each other."""
    found = np.full((m, len(rows)), np.inf, dtype=points.dtype)
    left = points.left(rows)
    needed = np.empty((len(outline.size), len(rows)), dtype=bool)
    for first in range(0, len(rows), step := max(1, CACHED // len(outline.size))):
        part = slice(first, first + step)
        needed[:, part] = outline.needed(rows[part], reach[part], home[part]).T
    cell, asked = np.nonzero(needed)
    ends = np.cumsum(np.bincount(cell, minlength=len(outline.size)))
    for number in np.unique(cell).tolist():
        at = asked[ends[number - 1] if number else 0 : ends[number]]
        D = outline.members(number) @ left[at].T
        low = np.minimum.reduce(D, axis=0)
        if m == 1:
            found[0, at] = np.minimum(found[0, at], low)
            continue
        hit = (low <= reach[at]).nonzero()[0]
        if len(hit):
            found[:, at[hit]] = smallest(np.concatenate([found[:, at[hit]], D[:, hit]]), m)
    return found


class _Outline:
    r"""Lower bounds of the distance from any row to the members of every cell.

    A member y of a cell with centre c and radius R has :math:`|x - y| \ge |x - c| - R`; and since it is nearer to
    its own centre than to another one b, :math:`|x - y| \ge (|x - c|^2 - |x - b|^2) / 2 |b - c|`. Both are
    lowered by what rounding may hide.
    """

    def __init__(self, points: Points, cells: Cells) -> None:
        self.points, self.cells = points, cells
        centres = cells.centres.astype(np.float64)
        self.square = np.einsum("ij,ij->i", centres, centres)
        self.side = np.vstack([-2 * cells.centres.T, self.square.astype(points.dtype)[None]])
        self.size = size = np.diff(cells.bounds)
        self.order = points.right[cells.order]
        starts = cells.bounds[:-1][size > 0]
        largest = np.zeros(len(centres))
        largest[size > 0] = np.maximum.reduceat(points.norm[cells.order], starts)
        largest = np.maximum(largest, np.sqrt(self.square))
        self.slack = 12 * (points.d + 8) * float(np.finfo(points.dtype).eps)
        self.hidden = self.slack * largest**2
        away = np.repeat(centres, size, axis=0)
        away -= self.order[:, : points.d]
        radius = np.zeros(len(centres))
        radius[size > 0] = np.sqrt(np.maximum.reduceat(np.einsum("ij,ij->i", away, away), starts))
        self.radius = radius + np.sqrt(self.hidden)

    def members(self, cell: int) -> NDArray[Any]:
        """The members of a cell, ready for a product."""
        return self.order[self.cells.bounds[cell] : self.cells.bounds[cell + 1]]

    def needed(self, rows: Ints, reach: NDArray[Any], home: Ints) -> NDArray[np.bool_]:
        """Which rows must look at which cells (q, c); `home` is the cell whose centre is nearest to each row."""
        points, kind = self.points, self.points.dtype
        side = points.right[rows]
        own = side[:, points.d, None]
        x = side[:, : points.d + 1].copy()
        x[:, points.d] = 1
        away = x @ self.side + own
        bounded = np.isfinite(reach)
        radius = np.sqrt(np.where(bounded, np.maximum(reach, 0), 0)).astype(kind)[:, None]
        cells, at = np.unique(home, return_inverse=True)
        centres = self.cells.centres
        apart = self.square[cells, None] + self.square - 2 * centres[cells].astype(np.float64) @ centres.T
        apart = (2.0002 * np.sqrt(np.maximum(apart, 0))).astype(kind)
        nearest = np.take_along_axis(away, home[:, None], axis=1) + self.hidden[home, None].astype(kind)
        away -= self.slack * own + self.hidden.astype(kind)
        needed = away <= (radius + self.radius.astype(kind)) ** 2
        away -= nearest
        needed &= away <= radius * apart[at]
        needed |= ~bounded[:, None]
        needed[:, self.size == 0] = False
        return np.asarray(needed)
