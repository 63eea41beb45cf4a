"""Which rows of another class lie within a known reach of a row? Cells that provably do not are left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.cells import Cells
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import QUERIES, Points, in_parallel, smallest

__all__ = ["nearest_within"]

PAIRS = 4e9
"""Fewer pairs than this are compared outright."""
SIZE, MOST = 48, 16_384
"""About how many members a cell holds, and how many cells there are at most."""
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
    share = [outline.size[outline.open(rows[[i]], reach[[i]])[0]].sum() for i in some]
    if np.mean(share) > WORTH * len(others):
        return nearest_values(points, rows, others, m, n_jobs=n_jobs)
    found = np.full((m, len(rows)), np.inf, dtype=points.dtype)

    order = np.argsort(home, kind="stable")
    starts = np.searchsorted(home[order], np.arange(len(cells.centres) + 1))

    def block(cell: int) -> None:
        inside = order[starts[cell] : starts[cell + 1]]
        for first in range(0, len(inside), QUERIES):
            at = inside[first : first + QUERIES]
            found[:, at] = _search(points, outline, rows[at], m, reach[at])

    in_parallel(block, range(len(cells.centres)), n_jobs)
    return found


def _search(points: Points, outline: _Outline, rows: Ints, m: int, reach: NDArray[Any]) -> NDArray[Any]:
    """One block of rows, all nearest to the same centre."""
    found = np.full((m, len(rows)), np.inf, dtype=points.dtype)
    left = points.left(rows)
    cells, needed = outline.open(rows, reach)
    for place, cell in enumerate(cells):
        asked = np.flatnonzero(needed[:, place])
        D = outline.members(cell) @ left[asked].T
        hit = np.flatnonzero(D.min(axis=0) <= reach[asked])
        if len(hit):
            at = asked[hit]
            found[:, at] = smallest(np.concatenate([found[:, at], D[:, hit]]), m)
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

    def open(self, rows: Ints, reach: NDArray[Any]) -> tuple[Ints, NDArray[np.bool_]]:
        """The cells (c,) that any of the rows must look at, and who must look at which (q, c)."""
        points = self.points
        side = points.right[rows]
        x = np.column_stack([side[:, : points.d], np.ones(len(rows), dtype=points.dtype)])
        own = side[:, points.d, None]
        away = x @ self.side + own
        bounded = np.isfinite(reach)[:, None]
        radius = np.sqrt(np.where(bounded[:, 0], np.maximum(reach, 0), 0))[:, None].astype(points.dtype)
        nearest = int(np.argmin(away[0]))
        centres = self.cells.centres
        apart = np.sqrt(np.maximum(((centres - centres[nearest]) ** 2).sum(axis=1), 0)).astype(points.dtype)
        doubt = (self.hidden + self.hidden[nearest])[None].astype(points.dtype) + self.slack * own
        ball = (radius + self.radius.astype(points.dtype)) ** 2
        needed = away - doubt <= ball
        away -= away[:, [nearest]]
        needed &= away - doubt <= 2 * radius * apart * 1.0001
        needed |= ~bounded
        needed[:, self.size == 0] = False
        cells = np.flatnonzero(needed.any(axis=0))
        return cells, needed[:, cells]
