"""Decide which rows agree with their neighbours, mostly without a neighbour search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mode

from steelyard.resample.bounds import all_below, distances_within
from steelyard.resample.gather import nearest_values
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points
from steelyard.resample.reach import PAIRS, nearest_within, surroundings
from steelyard.resample.reference import Reference
from steelyard.resample.shared import shareable

__all__ = ["Agreement", "agreeing"]

SMALL = 300
"""Tables of fewer rows are searched outright."""
FEW = 0.25
"""Up to this share of a class is probed in small cells, which are kept; more is in large ones, made once."""


@shareable
def agreeing(
    X: Any, y: Ints, neighbours: Any, targets: list[int], *, kind: str = "all", n_jobs: int | None = None
) -> NDArray[np.bool_]:
    r"""Which rows share the class of all, or most, of their nearest other rows (n,); others than targets do.

    Let :math:`s_m` be the m-th smallest distance to a row of the same class and :math:`o_j` the j-th smallest
    to one of another. Of the k nearest rows at least m share the class exactly when
    :math:`s_m < o_{k - m + 1}`. The rare side of that comparison is cheap to know exactly, and an upper bound
    of :math:`s_m` suffices to keep a row. Whatever lies within rounding is left to scikit-learn.

    >>> X = np.array([[0.0], [1.0], [2.0], [2.1]])
    >>> agreeing(X, np.array([0, 0, 0, 1]), 1, [0, 1]).tolist()
    [True, True, False, False]
    """
    asked = [check_neighbours(neighbours, "n_neighbors")]
    return Agreement(X, y, asked, kind=kind, n_jobs=n_jobs).ask(np.arange(len(y)), neighbours, targets)


class Agreement:
    """The question of `agreeing`, asked again while rows are taken away.

    What is known of a row's own class (`own`) stays true until a row of it within that reach is taken away, and
    other classes only get farther. So a second pass looks at few rows.

    Args:
        X, y: all rows and their class positions.
        asked: how many neighbours will be asked about.
        kind: "all" or "mode".
    """

    def __init__(
        self, X: Any, y: Ints, asked: Sequence[int], *, kind: str = "all", n_jobs: int | None = None
    ) -> None:
        self.X, self.y, self.kind, self.n_jobs = X, y, kind, n_jobs
        self.asked = sorted({min(k, len(y) - 1) for k in asked})
        self.n_classes = len(np.unique(y))
        self.rows = np.arange(len(y))
        self._known: dict[Any, _Known] = {}

    def ask(self, rows: Ints, neighbours: Any, targets: list[int]) -> NDArray[np.bool_]:
        """Which of `rows`, all that are left, agree with their neighbours among them (q,)."""
        whole = len(rows) == len(self.y) and np.array_equal(rows, np.arange(len(rows)))
        X, y = (self.X, self.y) if whole else (self.X[rows], self.y[rows])
        reference = Reference(X, neighbours, n_jobs=self.n_jobs)
        gone, self.rows = np.setdiff1d(self.rows, rows), rows
        for known in self._known.values():
            known.forget(gone)
        quick = reference.plain and len(rows) >= SMALL and reference.k in self.asked
        keep = np.ones(len(rows), dtype=bool)
        for code in targets:
            left = np.flatnonzero(y == code)
            for dtype in (np.float32, np.float64) if quick else ():
                if len(left):
                    kept, unsure = self._at(dtype).decide(rows[left], *self.level(reference.k, code))
                    keep[left] = kept
                    left = left[unsure]
            near = reference.near(left, np.flatnonzero(y == code))[:, 1:]
            keep[left] = vote(y[near], y[left], self.kind)
        return keep

    def _at(self, dtype: Any) -> _Known:
        """What is known in one precision; float64 is for what float32 leaves open."""
        if dtype not in self._known:
            self._known[dtype] = _Known(self, dtype)
        return self._known[dtype]

    def level(self, k: int, code: int) -> tuple[int, int]:
        """How many of k neighbours must share the class, and how many then may not (m, k - m + 1)."""
        if self.kind == "all":
            return k, 1
        wins_draws = self.n_classes == 2 and code == int(self.y.min()) and k % 2 == 0
        m = k // 2 if wins_draws else k // 2 + 1
        return m, k - m + 1


class _Known:
    """Distances in one precision.

    `own` (M, n) holds the smallest squared distances to rows of the same class, the row itself among them, and
    `limit` (J, n) those to other classes; `own_holds` and `limit_holds` (n,) say where they are of use. An own
    value is exact or else below its limit; a limit that does not hold is a lower bound.
    """

    def __init__(self, frame: Agreement, dtype: Any) -> None:
        self.frame, self.points = frame, Points(frame.X, dtype)
        n = len(frame.y)
        depth = [frame.level(k, code) for k in frame.asked for code in np.unique(frame.y).tolist()]
        self.own = np.full((max(m for m, _ in depth) + 1, n), np.inf, dtype=self.points.dtype)
        self.limit = np.zeros((max(j for _, j in depth), n), dtype=self.points.dtype)
        self.own_holds, self.limit_holds = np.zeros((2, n), dtype=bool)

    def forget(self, gone: Ints) -> None:
        """Rows were taken away: what was known of those near to them is known no longer."""
        if not len(gone):
            return
        y, rows, points = self.frame.y, self.frame.rows, self.points
        for code in np.unique(y[rows]):
            same = rows[y[rows] == code]
            if (y[gone] != code).any():
                self.limit_holds[same] = False
            same = same[self.own_holds[same]]
            reach = self.own[-1, same]
            reach = reach + 2 * points.margin(same, reach)
            away = nearest_within(points, same, gone[y[gone] == code], 1, reach, n_jobs=self.frame.n_jobs)[0]
            self.own_holds[same[away <= reach]] = False

    def decide(self, rows: Ints, m: int, j: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which rows of one class to keep, and which of them rounding or ties leave open."""
        kept = self._kept(rows, m, j)
        at = np.flatnonzero(~kept)
        left = rows[at]
        everybody, y = self.frame.rows, self.frame.y
        same, others = (everybody[some] for some in _halves(y[everybody] == y[rows[0]]))
        self._learn(left[~self.limit_holds[left]], same, others)
        # a limit may have been all that was missing
        self._learn_own(left[~(self.own_holds[left] | self._kept(left, m, j))], same)
        kept[at] = self._kept(left, m, j)
        limit, own = self.limit[j - 1], self.own[m]
        against = np.zeros(len(rows), dtype=bool)
        low = own[left] - self.points.margin(left, own[left])
        against[at] = self._apart(left) & (low > limit[left] + self.points.margin(left, limit[left]))
        if self.frame.kind == "mode" and self.frame.n_classes > 2:
            against[:] = False
        return kept, ~(kept | against)

    def _apart(self, rows: Ints) -> NDArray[np.bool_]:
        """Which rows no other class may touch, within rounding."""
        first = self.limit[0, rows]
        return np.asarray(
            first - self.points.margin(rows, first) > self.points.margin(rows, np.zeros(len(rows)))
        )

    def _kept(self, rows: Ints, m: int, j: int) -> NDArray[np.bool_]:
        own, limit = self.own[m, rows], self.limit[j - 1, rows]
        # twice the margin: scikit-learn's value and ours may err in opposite directions, on both sides
        low = limit - self.points.margin(rows, limit)
        near = own + self.points.margin(rows, own) < low
        return np.asarray(self.own_holds[rows] & near & self._apart(rows))

    def _learn(self, rows: Ints, same: Ints, others: Ints) -> None:
        """Limits of some rows; where both sides are large, no farther than their own class demands."""
        points, jobs, J = self.points, self.frame.n_jobs, len(self.limit)
        if len(rows) * len(others) < PAIRS:
            self.limit[:, rows] = nearest_values(points, rows, others, J, n_jobs=jobs)
            self.limit_holds[rows] = True
            return
        new = rows[~self.own_holds[rows]]
        self.own[:, new] = surroundings(points, new, same, len(self.own), n_jobs=jobs)
        reach = self.own[-1, rows]
        reach = reach + 4 * points.margin(rows, reach)
        found = nearest_within(points, rows, others, J, reach, n_jobs=jobs)
        self.limit_holds[rows] = (found <= reach).all(axis=0)
        self.limit[:, rows] = np.minimum(found, reach)
        self.own_holds[rows[(found > reach).all(axis=0)]] = True

    def _learn_own(self, rows: Ints, same: Ints) -> None:
        """Distances to the own class, exact where they do not stay below all limits that will be asked about."""
        if not len(rows):
            return
        limits = np.full((len(self.own), len(rows)), np.inf)
        code = int(self.frame.y[rows[0]])
        for k in self.frame.asked:
            m, j = self.frame.level(k, code)
            limit = self.limit[j - 1, rows]
            limits[m] = np.minimum(limits[m], limit - self.points.margin(rows, limit))
        points, jobs = self.points, self.frame.n_jobs
        if len(rows) * len(same) < PAIRS or len(rows) > FEW * len(same):
            self.own[:, rows] = distances_within(points, rows, same, limits, n_jobs=jobs)
            self.own_holds[rows] = True
            return
        own = surroundings(points, rows, same, len(self.own), n_jobs=jobs)
        left = np.flatnonzero(~all_below(points, rows, own, limits))
        reach = np.minimum(np.where(np.isfinite(limits), limits, -np.inf).max(axis=0), own[-1])[left]
        reach = reach + 4 * points.margin(rows[left], reach)
        found = nearest_within(points, rows[left], same, len(own), reach, n_jobs=jobs)
        own[:, left] = np.where(found <= reach, found, np.inf)
        self.own[:, rows] = own
        # what lies beyond the reach is farther than the limits are now; they may rise
        self.own_holds[rows] = np.isfinite(self.own[np.isfinite(limits).any(axis=1)][:, rows]).all(axis=0)


def _halves(chosen: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return chosen, ~chosen


def vote(near: Ints, own: Ints, kind: str) -> NDArray[np.bool_]:
    """Whether all or most of the neighbours' classes (q, k) equal each row's own (q,)."""
    if kind == "all" or not len(near):
        return np.asarray((near == own[:, None]).all(axis=1))
    return np.asarray(mode(near, axis=1, keepdims=False).mode == own)
