"""Lloyd's algorithm in which most distances are known to matter no more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.core import Floats
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points, in_parallel
from steelyard.resample.seeding import Seeds, rounding

__all__: list[str] = []

GROUP, BOUNDS = 10, 2**27
"""About how many centres share a bound, and how many bounds there are at most."""
SPAN, TABLE = 2**16, 2**20
"""Rows that a thread looks after, and distances computed at once."""
WIDER = 1.0001
"""Far more than rounding takes from a bound in float32 while it falls some hundred times."""


def settled(X: Floats, points: Points, seeds: Seeds, tolerance: float, most: int) -> Lloyd | None:
    """Run from the seeds on until labels stay or centres move by no more than the tolerance, as scikit-learn does.

    None where rounding cannot tell which centre is nearest, or a cluster loses its rows.
    """
    lloyd, before = Lloyd(X, points, seeds), None
    try:
        for lloyd.rounds in range(1, most + 1):
            if before is not None:
                lloyd.assign()
            moved = lloyd.move()
            if before is not None and np.array_equal(lloyd.owner, before):
                return lloyd
            if np.square(moved).sum() <= tolerance:
                break
            before = lloyd.owner.copy()
        lloyd.assign()
    except _Undecided:
        return None
    return lloyd


class _Undecided(Exception):  # noqa: N818 - no error, a reason to ask scikit-learn
    """Rounding cannot tell which centre is nearest, or a cluster has lost its rows."""


class Lloyd:
    r"""The nearest centre of every row while the centres move.

    Centres that lie near each other share a lower bound of their distance to a row. When they move by at most
    :math:`\delta`, the bound falls by :math:`\delta`; while it stays above the distance to the row's own centre none of
    them is looked at. Bounds are kept in float32 and lowered by what it may hide; whoever may have become the nearest
    is compared in float64.

    Args:
        X: centred rows (n, d).
        points: the same rows, prepared.
        seeds: the first centres, and the nearest of them to every row.

    Source: Ding, Zhao, Shen, Musuvathi, Mytkowicz (2015), Yinyang k-means.
    """

    rounds: int

    def __init__(self, X: Floats, points: Points, seeds: Seeds) -> None:
        self.X, self.points = X, points
        centres = X[seeds.rows]
        group = _grouped(centres, max(1, min(len(centres) // GROUP, BOUNDS // len(X))))
        self.order = np.argsort(group, kind="stable")
        self.group = np.unique(group[self.order], return_inverse=True)[1]
        self.starts = np.searchsorted(self.group, np.arange(self.group[-1] + 2))
        self.place = np.argsort(self.order)
        self.sorted = centres[self.order]
        self.owner, self.squared = self.place[seeds.owner], seeds.squared
        self.drift = np.zeros(len(self.starts) - 1)
        self.bounds, self.fresh = np.empty((len(self.drift), len(X)), dtype=np.float32), True

    @property
    def centres(self) -> Floats:
        """The centres (k, d), numbered as the seeds are."""
        return np.asarray(self.sorted[self.place])

    @property
    def labels(self) -> Ints:
        """The nearest centre of every row (n,), numbered as the seeds are."""
        return np.asarray(self.order[self.owner])

    def move(self) -> Floats:
        """Move every centre to the mean of its rows; returns by how much each moved (k,)."""
        n, k = len(self.X), len(self.sorted)
        size = np.bincount(self.owner, minlength=k)
        if not size.all():
            raise _Undecided
        rows = sparse.csr_array((np.ones(n), self.owner, np.arange(n + 1)), shape=(n, k))
        means = np.asarray(rows.T @ self.X) / size[:, None]
        moved = np.sqrt(np.square(means - self.sorted).sum(axis=1))
        self.sorted, self.drift = means, np.maximum.reduceat(moved, self.starts[:-1]) * WIDER
        return np.asarray(moved)

    def assign(self) -> None:
        """Find the nearest centre of every row anew."""
        in_parallel(self._span, range(0, len(self.X), SPAN))
        self.fresh = False

    def _span(self, start: int) -> None:
        span = _Span(self, start)
        if self.fresh:
            span.bound()
        for number, drift in enumerate(self.drift.tolist()):
            span.compare(number, 0.0 if self.fresh else drift)


class _Span:
    """The rows from `start` on that one thread looks after; arrays are views of the whole."""

    def __init__(self, lloyd: Lloyd, start: int) -> None:
        at = slice(start, start + SPAN)
        self.lloyd, self.X, self.right = lloyd, lloyd.X[at], lloyd.points.right[at]
        self.owner, self.squared, self.bounds = lloyd.owner[at], lloyd.squared[at], lloyd.bounds[:, at]
        away = self.X - lloyd.sorted.take(self.owner, axis=0)
        np.einsum("ij,ij->i", away, away, out=self.squared)
        rows = np.arange(start, start + len(self.X))
        self.rounding = rounding(lloyd.points, rows, self.squared)
        self.reach = (np.sqrt(self.squared + self.rounding) * WIDER).astype(np.float32)
        norm = np.sqrt(np.square(lloyd.sorted).sum(axis=1))
        kind, far = lloyd.points.dtype, lloyd.points.norm[rows] + norm.max()
        self.side = np.column_stack([-2 * lloyd.sorted, np.ones(len(norm)), norm**2]).astype(kind)
        self.hidden = (2 * (lloyd.points.d + 8) * np.finfo(kind).eps * far**2).astype(kind)

    def bound(self) -> None:
        """Bounds of all groups by all distances."""
        step = max(16, TABLE // len(self.side))
        for first in range(0, len(self.X), step):
            part = slice(first, first + step)
            D = self.side @ self.right[part].T
            D[self.owner[part], np.arange(D.shape[1])] = np.inf
            low = np.minimum.reduceat(D, self.lloyd.starts[:-1], axis=0)
            self.bounds[:, part] = _root(low - self.hidden[part])

    def compare(self, number: int, drift: float) -> None:
        """Look at a group of centres for the rows whose bound it may have come below."""
        lloyd, bound = self.lloyd, self.bounds[number]
        bound -= np.float32(drift)
        asked = np.flatnonzero(bound <= self.reach)
        if not len(asked):
            return
        group = slice(lloyd.starts[number], lloyd.starts[number + 1])
        D = np.ascontiguousarray((self.right.take(asked, axis=0) @ self.side[group].T).T)
        owner = self.owner[asked]
        own = np.flatnonzero((owner >= group.start) & (owner < group.stop))
        D[owner[own] - group.start, own] = np.inf
        low = D.min(axis=0) - self.hidden[asked]
        bound[asked] = _root(low)
        asked = asked[low <= self.squared[asked] + self.rounding[asked]]
        step = max(1, TABLE // (len(D) * self.X.shape[1]))
        for first in range(0, len(asked), step):
            self._contest(asked[first : first + step], group, bound)

    def _contest(self, asked: Ints, group: slice, bound: NDArray[np.float32]) -> None:
        """Compare in float64, and note whose centre has changed."""
        lloyd, every = self.lloyd, np.arange(len(asked))
        away = self.X[asked, None] - lloyd.sorted[None, group]
        value = np.einsum("ijk,ijk->ij", away, away)
        owner = self.owner[asked]
        own = np.flatnonzero((owner >= group.start) & (owner < group.stop))
        value[own, owner[own] - group.start] = np.inf
        best = value.argmin(axis=1)
        low = value[every, best]
        if (np.abs(low - self.squared[asked]) <= self.rounding[asked]).any():
            raise _Undecided
        wins = low < self.squared[asked]
        value[every, best] = np.inf
        second, won = value.min(axis=1)[wins], asked[wins]
        if (second - low[wins] <= self.rounding[won]).any():
            raise _Undecided
        bound[won] = _root(second)
        # the centre that was left counts for the bound of its group from now on
        left = self.bounds[lloyd.group[self.owner[won]], won]
        self.bounds[lloyd.group[self.owner[won]], won] = np.minimum(left, _root(self.squared[won]))
        self.owner[won], self.squared[won] = group.start + best[wins], low[wins]
        self.reach[won] = np.sqrt(low[wins] + self.rounding[won]) * WIDER


def _root(squared: NDArray[Any]) -> NDArray[np.float32]:
    """A distance that is certainly not above the root."""
    low: NDArray[np.float32] = np.sqrt(np.maximum(squared, 0)).astype(np.float32) * np.float32(0.999999)
    return low


def _grouped(centres: Floats, number: int) -> Ints:
    """Group near centres: a few rounds of k-means."""
    middle = centres[np.linspace(0, len(centres) - 1, number).astype(np.int64)]
    for _ in range(5):
        group = np.argmin(np.square(middle).sum(axis=1) - 2 * centres @ middle.T, axis=1)
        size = np.bincount(group, minlength=number)
        member = sparse.csr_array(
            (np.ones(len(centres)), group, np.arange(len(centres) + 1)), shape=(len(centres), number)
        )
        middle = np.where(size[:, None] > 0, (member.T @ centres) / np.maximum(size, 1)[:, None], middle)
    return np.asarray(group)
