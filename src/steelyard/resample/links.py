"""Find Tomek links without a search for every row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.bounds import distance_within
from steelyard.resample.gather import nearest_candidates, nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points
from steelyard.resample.reach import PAIRS, nearest_within, surroundings
from steelyard.resample.reference import Reference
from steelyard.resample.shared import shareable

__all__ = ["tomek_links"]

SMALL = 300
"""Tables of fewer rows are searched outright."""


@shareable
def tomek_links(X: Any, y: Ints, *, n_jobs: int | None = None) -> NDArray[np.bool_]:
    """Which rows are part of a Tomek link (n,).

    Every link has an end outside the largest class, so only those rows are asked for their nearest row of
    another class; a link needs that the partner has no nearer row of another class either, and that both have
    no nearer row of their own. Whatever lies within rounding is left to scikit-learn.

    >>> tomek_links(np.array([[0.0], [1.0], [1.1]]), np.array([0, 0, 1])).tolist()
    [False, True, True]
    """
    reference = Reference(X, 1, n_jobs=n_jobs)
    linked = np.zeros(len(y), dtype=bool)
    largest = int(np.argmax(np.bincount(y)))
    ends = [np.flatnonzero(y == code) for code in np.unique(y) if code != largest]
    if reference.plain and len(y) >= SMALL:
        for dtype in (np.float32, np.float64):
            ends = [rows for rows in ends if len(rows)]
            if not ends:
                return linked
            points = Points(X, dtype)
            ends = [_mark(points, y, rows, linked, n_jobs) for rows in ends]
    _search(reference, y, np.concatenate(ends) if ends else np.empty(0, dtype=np.int64), linked)
    return linked


def _mark(points: Points, y: Ints, rows: Ints, linked: NDArray[np.bool_], n_jobs: int | None) -> Ints:
    """Mark the links of `rows`, which share a class, and return the rows left open."""
    code = y[rows[0]]
    same, others = np.flatnonzero(y == code), np.flatnonzero(y != code)
    if len(rows) * len(others) > PAIRS:
        rows = _contested(points, rows, same, others, n_jobs)
    if not len(rows):
        return rows
    two, partner = _two_nearest(points, rows, others, n_jobs)
    contest = _Contest(points, rows, two[0])
    contest.meet(two[1], contest.left)
    # a row with two equally near ones has no partner for certain, so the partner's rivals prove nothing
    certain = contest.clear.copy()
    left = contest.left
    contest.meet(distance_within(points, rows[left], same, 2, contest.low[left], n_jobs=n_jobs), left)
    left = contest.left
    for other in np.unique(y[partner[left]]):
        of_class = y[partner] == other
        left = contest.left[of_class[contest.left]]
        mates, strangers = np.flatnonzero(y == other), np.flatnonzero(y != other)
        value = distance_within(points, partner[left], mates, 2, contest.low[left], n_jobs=n_jobs)
        contest.meet(value, left, side=partner, decisive=certain)
        left = contest.left[of_class[contest.left]]
        # the row itself is one of these two, the other one is the rival
        first, second = nearest_values(points, partner[left], strangers, 2, n_jobs=n_jobs)
        itself = first + points.margin(partner[left], first) >= contest.low[left]
        contest.meet(np.where(itself, second, first), left, side=partner, decisive=certain)
    sure = ~contest.beaten & contest.clear
    linked[rows[sure]] = linked[partner[sure]] = True
    return rows[~contest.beaten & ~contest.clear]


def _contested(points: Points, rows: Ints, same: Ints, others: Ints, n_jobs: int | None) -> Ints:
    """The rows that may have another class nearer than, or as near as, a row of their own that is found at once."""
    own = surroundings(points, rows, same, 2, n_jobs=n_jobs)[1]
    reach = own + 4 * points.margin(rows, own)
    away = nearest_within(points, rows, others, 1, reach, n_jobs=n_jobs)[0]
    return np.asarray(rows[away <= reach])


def _two_nearest(points: Points, rows: Ints, others: Ints, n_jobs: int | None) -> tuple[NDArray[Any], Ints]:
    """The two smallest squared distances to the others (2, q) and the nearest of them (q,).

    In a crowd of equally near ones any of them stands for the rest: the values alone leave such rows open.
    """
    query, row, value = nearest_candidates(points, rows, others, min(2, len(others)), n_jobs=n_jobs)
    start = np.searchsorted(query, np.arange(len(rows) + 1))
    two = np.full((2, len(rows)), np.inf, dtype=points.dtype)
    partner = np.full(len(rows), others[0], dtype=np.int64)
    found = start[1:] > start[:-1]
    partner[found], two[0, found] = row[start[:-1][found]], value[start[:-1][found]]
    pair = start[1:] > start[:-1] + 1
    two[1, pair] = value[start[:-1][pair] + 1]
    crowd = np.flatnonzero(~found)
    two[:, crowd] = nearest_values(points, rows[crowd], others, 2, n_jobs=n_jobs)
    return two, partner


class _Contest:
    """Rows and their nearest of another class against rivals.

    A nearer rival beats the pair, one as near (within rounding) leaves it open.
    """

    def __init__(self, points: Points, rows: Ints, away: NDArray[Any]) -> None:
        self.points, self.rows = points, rows
        slack = points.margin(rows, away)
        self.low, self.high = away - slack, away + slack
        self.beaten = np.zeros(len(rows), dtype=bool)
        self.clear = self.low > points.margin(rows, np.zeros(len(rows)))

    @property
    def left(self) -> Ints:
        """The pairs not beaten yet."""
        return np.flatnonzero(~self.beaten)

    def meet(
        self,
        rival: NDArray[Any],
        at: Ints,
        *,
        side: Ints | None = None,
        decisive: NDArray[np.bool_] | None = None,
    ) -> None:
        """Compare with the squared distance of the nearest rival of one side, for the pairs `at`.

        A nearer rival beats the pair only where it is `decisive`.
        """
        slack = self.points.margin((self.rows if side is None else side)[at], rival)
        nearer = rival + slack < self.low[at]
        self.beaten[at] = nearer if decisive is None else nearer & decisive[at]
        self.clear[at] &= rival - slack > self.high[at]


def _search(reference: Reference, y: Ints, rows: Ints, linked: NDArray[np.bool_]) -> None:
    """Mark the links of `rows` with searches."""
    everybody = np.arange(len(y))
    nearest = reference.near(rows, everybody)[:, 1]
    crossing = y[nearest] != y[rows]
    rows, nearest = rows[crossing], nearest[crossing]
    returned = reference.near(nearest, everybody)[:, 1] == rows
    linked[rows[returned]] = linked[nearest[returned]] = True
