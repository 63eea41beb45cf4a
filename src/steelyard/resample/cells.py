"""A probing index: upper bounds of distances from the cells around a row."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.plan import Ints
from steelyard.resample.points import QUERIES, Points, in_parallel, smallest

__all__ = ["Cells"]


SAMPLE = 16
"""Members a cell whose means are its centre."""


class Cells:
    """Members grouped around centres, so that near rows mostly lie in the same or in neighbouring cells.

    A probe only ever gives upper bounds: the m-th smallest distance among some members is never below the
    true one. That is enough to prove that m members are nearer than a limit.

    Args:
        points: the prepared rows.
        members: the rows to index (s,).
        size: about how many members a cell holds.
        most: how many cells there may be.
    """

    def __init__(
        self, points: Points, members: Ints, *, size: int = 256, most: int = 1024, n_jobs: int | None = None
    ) -> None:
        self.points, self.members, self.n_jobs = points, members, n_jobs
        count = int(np.clip(len(members) // size, 1, most))
        # evenly spread members serve as first centres: a fixed choice, so that runs repeat
        centres = points.right[members[np.linspace(0, len(members) - 1, count).astype(np.int64)], : points.d]
        self.centres = centres
        some = members[:: max(1, len(members) // (SAMPLE * count))]
        self.centres = self._means(some, self.assign(some), centres)
        cell = self.assign(members)
        self.order = members[np.argsort(cell, kind="stable")]
        self.bounds = np.searchsorted(np.sort(cell), np.arange(count + 1))
        self.place = np.full(len(points.right), -1, dtype=np.int64)
        self.place[members] = cell

    def left(self, members: Ints) -> Cells:
        """The same cells with some of their members."""
        cells, here = copy(self), np.zeros(len(self.place), dtype=bool)
        here[members] = True
        kept = here[self.order]
        cells.members, cells.order = members, self.order[kept]
        cells.bounds = np.concatenate([[0], np.cumsum(kept)])[self.bounds]
        cells.place = np.where(here, self.place, -1)
        return cells

    def around(self, width: int) -> Ints:
        """For every cell the `width` nearest (c, width), itself in front."""
        square = np.einsum("ij,ij->i", self.centres, self.centres)
        away = square[:, None] + square[None] - 2 * self.centres @ self.centres.T
        np.fill_diagonal(away, -np.inf)
        if width < len(away):
            near = np.argpartition(away, width - 1, axis=1)[:, :width]
        else:
            near = np.tile(np.arange(len(away)), (len(away), 1))
        order = np.argsort(np.take_along_axis(away, near, axis=1), axis=1, kind="stable")
        return np.take_along_axis(near, order, axis=1)

    def assign(self, rows: Ints) -> Ints:
        """The cell of the centre nearest to each of some rows (q,)."""
        cell = np.empty(len(rows), dtype=np.int64)
        square = np.einsum("ij,ij->i", self.centres, self.centres)
        side = np.column_stack([-2 * self.centres, np.zeros_like(square), square]).T

        def block(start: int) -> None:
            at = slice(start, start + QUERIES)
            cell[at] = np.argmin(self.points.right.take(rows[at], axis=0) @ side, axis=1)

        in_parallel(block, range(0, len(rows), QUERIES), self.n_jobs)
        return cell

    def _means(self, members: Ints, cell: Ints, centres: NDArray[Any]) -> NDArray[Any]:
        size = np.bincount(cell, minlength=len(centres))
        rows = self.points.right[members]
        sums = np.column_stack(
            [np.bincount(cell, weights=rows[:, j], minlength=len(centres)) for j in range(self.points.d)]
        )
        means = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
        return np.asarray(means.astype(centres.dtype))

    def probe(self, rows: Ints, m: int, width: int) -> NDArray[Any]:
        """Upper bounds of the m smallest squared distances of members `rows` to members, themselves included (m, q).

        The `width` cells nearest to each row's own are searched.
        """
        found = np.full((m, len(rows)), np.inf, dtype=self.points.dtype)
        cell = self.place[rows]
        by_cell = np.argsort(cell, kind="stable")
        starts = np.searchsorted(cell[by_cell], np.arange(len(self.centres) + 1))
        around = self.around(width)

        def block(c: int) -> None:
            asked = by_cell[starts[c] : starts[c + 1]]
            if not len(asked):
                return
            spans = [self.order[self.bounds[a] : self.bounds[a + 1]] for a in around[c]]
            right = self.points.right[np.concatenate(spans)]
            if len(right) < m:
                return
            for first in range(0, len(asked), QUERIES):
                some = asked[first : first + QUERIES]
                found[:, some] = smallest(right @ self.points.left(rows[some]).T, m)

        in_parallel(block, range(len(self.centres)), self.n_jobs)
        return found
