"""Which rows of another class lie within a known reach of a row? Cells that provably do not are left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.cells import Cells
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points, in_parallel, smallest

__all__ = ["nearest_within", "surroundings"]

PAIRS = 1e9
"""Fewer pairs than this are compared outright."""
WIDTH = 8
"""Cells that a probe looks at."""
KEPT, LEFT = 4, 0.5
"""Sets of rows whose cells are kept, and the share that must be left of one for its cells to serve."""
SIZE, MOST = 64, 4096
"""About how many members a cell holds, and how many cells there are at most."""
TABLE, CACHED = 2**24, 2**18
"""Rows times cells looked at together, and bounded together."""
TRIED, WORTH, SPARED = 512, 0.5, 0.8
"""Rows tried first, the share of the members they may need before comparing outright is quicker, and the share of these
that planes must leave for planes to be looked at."""


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
    if len(rows) * len(others) <= PAIRS:
        return nearest_values(points, rows, others, m, n_jobs=n_jobs)
    outline = _outlined(points, others, n_jobs)
    home = outline.cells.assign(rows)
    order, step = np.argsort(home, kind="stable"), max(1, TABLE // len(outline.size))
    some = order[np.linspace(0, len(rows) - 1, TRIED).astype(np.int64)]
    balls, both = (
        outline.size @ outline.needed(rows[some], reach[some], home[some], planes=planes).sum(axis=1)
        for planes in (False, True)
    )
    if both > WORTH * len(others) * TRIED:
        return nearest_values(points, rows, others, m, n_jobs=n_jobs)
    found = np.full((m, len(rows)), np.inf, dtype=points.dtype)

    def block(start: int) -> None:
        at = order[start : start + step]
        needed = outline.needed(rows[at], reach[at], home[at], planes=both < SPARED * balls)
        found[:, at] = _search(points, outline, rows[at], m, reach[at], needed)

    in_parallel(block, range(0, len(rows), step), n_jobs)
    return found


def surroundings(
    points: Points, rows: Ints, members: Ints, m: int, *, n_jobs: int | None = None
) -> NDArray[Any]:
    """Upper bounds of the m smallest squared distances of members `rows` to members, themselves included (m, q)."""
    return _outlined(points, members, n_jobs).cells.probe(rows, m, WIDTH)


def _outlined(points: Points, members: Ints, n_jobs: int | None) -> _Outline:
    """Cells of some rows; those of the last sets of rows are kept, also for what is left of a set."""
    known: _Outline
    for known in points.outlines:
        if np.array_equal(known.cells.members, members):
            return known
    for known in points.outlines:
        if len(members) > LEFT * len(known.cells.members) and np.isin(members, known.cells.members).all():
            outline = _Outline(points, known.cells.left(members))
            break
    else:
        outline = _Outline(points, Cells(points, members, size=SIZE, most=MOST, n_jobs=n_jobs))
    points.outlines = [outline, *points.outlines[: KEPT - 1]]
    return outline


def _search(
    points: Points, outline: _Outline, rows: Ints, m: int, reach: NDArray[Any], needed: NDArray[np.bool_]
) -> NDArray[Any]:
    """One block of rows, near to each other, and the cells they need (c, q)."""
    found = np.full((m, len(rows)), np.inf, dtype=points.dtype)
    left = points.left(rows)
    for number, asked in enumerate(needed):
        at = np.flatnonzero(asked)
        if not len(at):
            continue
        D = outline.members(number) @ left.take(at, axis=0).T
        low = np.minimum.reduce(D, axis=0)
        if m == 1:
            found[0, at] = np.minimum(found[0, at], low)
            continue
        hit = (low <= reach[at]).nonzero()[0]
        if len(hit):
            found[:, at[hit]] = smallest(np.concatenate([found[:, at[hit]], D[:, hit]]), m)
    return found


class _Outline:
    r"""Which cells may hold a member within reach of a row?

    A member y of a cell with centre c and radius R has :math:`|x - y| \ge |x - c| - R`; and since it is nearer to
    its own centre than to another one b, :math:`|x - y| \ge (|x - c|^2 - |x - b|^2) / 2 |b - c|`, b being the centre
    nearest to x. With the reach r of x a cell is left out when :math:`|x - c|^2 > (r + R)^2`, or when
    :math:`|x - c|^2 - |x - b|^2 > 2 r |b - c|`. Both are one product of :math:`(x, r, 1)` with something of the cell;
    what rounding may hide is allowed for.
    """

    def __init__(self, points: Points, cells: Cells) -> None:
        self.points, self.cells = points, cells
        self.centres = centres = cells.centres.astype(np.float64)
        self.square = np.einsum("ij,ij->i", centres, centres)
        self.size = size = np.diff(cells.bounds)
        self.order = points.right[cells.order]
        starts = cells.bounds[:-1][size > 0]
        largest, radius = np.zeros((2, len(centres)))
        largest[size > 0] = np.maximum.reduceat(points.norm[cells.order], starts)
        largest = np.maximum(largest, np.sqrt(self.square))
        self.slack = 12 * (points.d + 8) * float(np.finfo(points.dtype).eps)
        self.hidden = self.slack * largest**2
        away = np.repeat(centres, size, axis=0)
        away -= self.order[:, : points.d]
        radius[size > 0] = np.sqrt(np.maximum.reduceat(np.einsum("ij,ij->i", away, away), starts))
        radius += np.sqrt(self.hidden)
        self.ball = np.column_stack([-2 * centres, -2 * radius, self.square - radius**2 - self.hidden])
        self.ball = self.ball.astype(points.dtype)
        self.plane = self.ball.copy()
        self.plane[:, -1] = self.square - self.hidden

    def members(self, cell: int) -> NDArray[Any]:
        """The members of a cell, ready for a product."""
        return self.order[self.cells.bounds[cell] : self.cells.bounds[cell + 1]]

    def needed(self, rows: Ints, reach: NDArray[Any], home: Ints, *, planes: bool) -> NDArray[np.bool_]:
        """Which cells which rows must look at (c, q).

        `home` is the cell whose centre is nearest to each row, in ascending order.
        """
        points, bounded = self.points, np.isfinite(reach)
        radius = np.sqrt(np.where(bounded, np.maximum(reach, 0), 0))
        own = points.norm[rows] ** 2
        side = points.right[rows]
        side[:, -2] = radius
        limit = (radius**2 - own + self.slack * (own + radius**2)).astype(points.dtype)
        needed = np.empty((len(self.size), len(rows)), dtype=bool)
        for first in range(0, len(rows), step := max(1, CACHED // len(self.size))):
            part = slice(first, first + step)
            np.less_equal(self.ball @ side[part].T, limit[part], out=needed[:, part])
        if planes:
            self._cut(needed, side, home, self.slack * (own + radius**2))
        needed[:, ~bounded] = True
        needed[self.size == 0] = False
        return needed

    def _cut(
        self, needed: NDArray[np.bool_], side: NDArray[Any], home: Ints, slack: NDArray[np.float64]
    ) -> None:
        """Leave out what lies beyond a plane between two centres."""
        x, ends = side[:, : self.points.d], np.append(np.flatnonzero(np.diff(home, prepend=-1)), len(home))
        nearest = self.square[home] - 2 * np.einsum("ij,ij->i", x, self.centres[home])
        limit = (nearest + self.hidden[home] + slack).astype(x.dtype)
        plane = self.plane.copy()
        for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            middle = home[first]
            apart = self.square + self.square[middle] - 2 * self.centres @ self.centres[middle]
            plane[:, -2] = -2.0002 * np.sqrt(np.maximum(apart, 0))
            needed[:, first:last] &= plane @ side[first:last].T <= limit[first:last]
