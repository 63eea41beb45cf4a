"""Tomek links and edited nearest neighbours with all classes but the largest in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.agreement import vote
from steelyard.resample.bounds import distance_within
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points
from steelyard.resample.streams.census import Census
from steelyard.resample.streams.columns import label_values, matrix, positions
from steelyard.resample.streams.held import Held, Space, hold
from steelyard.resample.streams.nearest import Found, Nearest
from steelyard.resample.streams.passes import Passes
from steelyard.resample.streams.rows import Rows

__all__ = ["Ground", "linked_rows", "rows_in_agreement"]

OPEN_BYTES = 2**28
"""Memory for the rows that are searched for in one pass."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """How to take the rows of the largest class out of a piece."""

    target: str
    names: NDArray[Any]
    space: Space
    starts: NDArray[np.int64]
    largest: int
    n_jobs: int | None

    @property
    def columns(self) -> list[str]:
        """The columns that takes."""
        return [*self.space.features, self.target]

    def __call__(self, number: int, piece: Any) -> Held:
        """The rows of the largest class."""
        codes = positions(label_values(piece.column(self.target), self.target), self.names)
        at = np.flatnonzero(codes == self.largest)
        X = matrix(piece, self.space.features, self.space.dtype)[at]
        return Held(X, at + self.starts[number], codes[at])


@dataclass(frozen=True, eq=False)
class Ground:
    """What both methods start from: the rows, their classes, and those held in memory."""

    rows: Rows
    census: Census
    space: Space
    passes: Passes
    held: Held
    crowd: Crowd

    @classmethod
    def of(cls, rows: Rows, census: Census, space: Space, passes: Passes) -> Ground:
        """Hold every class but the largest."""
        largest = int(np.argmax(np.bincount(census.codes)))
        ids = np.flatnonzero(census.codes != largest)
        held = hold(rows, census, space, ids, passes, "Reading the rarer classes")
        crowd = Crowd(census.target, census.names, space, census.starts, largest, rows.n_jobs)
        return cls(rows, census, space, passes, held, crowd)

    def bring(self, ids: Ints, what: str) -> Held:
        """Bring rows by number into memory."""
        return hold(self.rows, self.census, self.space, ids, self.passes, what)

    def finish(self, near: Nearest, what: str, settle: Callable[[], None] | None = None) -> None:
        """Show the held rows and then every piece of the largest class; `settle` looks after each."""
        near.absorb(near.search(self.held))
        if settle is not None:
            settle()
        for found in self.passes.over(self.rows, _Search(self.crowd, near), self.crowd.columns, what):
            near.absorb(found)
            if settle is not None:
                settle()
            if not near.asked.any():
                break


class _Search:
    """Search a piece for the nearest rows, with the bounds known when the piece is begun."""

    def __init__(self, crowd: Crowd, near: Nearest) -> None:
        self.crowd, self.near = crowd, near

    def __call__(self, number: int, piece: Any) -> Found:
        return self.near.search(self.crowd(number, piece), n_jobs=self.crowd.n_jobs)


class _Doubt:
    """Which rows of the largest class in a piece are not surely kept (row numbers).

    Surely kept are those with enough rows of their own class nearer, in the piece alone, than the decisive row
    of another class; those are all in memory.
    """

    def __init__(self, ground: Ground, k: int, needed: int) -> None:
        self.crowd, self.X = ground.crowd, ground.held.X
        self.k, self.needed = k, needed

    def __call__(self, number: int, piece: Any) -> Ints:
        own, n_jobs = self.crowd(number, piece), self.crowd.n_jobs
        if not len(own.ids):
            return own.ids
        points = Points(np.concatenate([own.X, self.X]))
        mine = np.arange(len(own.ids))
        foreign = np.arange(len(own.ids), len(points.right))
        away = nearest_values(points, mine, foreign, self.k - self.needed + 1, n_jobs=n_jobs)[-1]
        low = away - points.margin(mine, away)
        near = distance_within(points, mine, mine, self.needed + 1, low, n_jobs=n_jobs)
        kept = near + points.margin(mine, near) < low
        return np.asarray(own.ids[~kept])


def linked_rows(ground: Ground) -> NDArray[np.bool_]:
    """Which rows are part of a Tomek link (n,).

    One end of every link is held, so the held rows are asked for their nearest row; where that is of the
    largest class, it is asked in turn, and is out as soon as another row of its class proves nearer.
    """
    census, held = ground.census, ground.held
    linked = np.zeros(census.n, dtype=bool)
    near = Nearest(held, 1)
    ground.finish(near, "Nearest rows of the rarer classes")
    partner = near.row[:, 0]
    crossing = (near.code[:, 0] != held.codes) & (partner >= 0)
    inside = crossing & (near.code[:, 0] != ground.crowd.largest)
    ends = np.flatnonzero(inside)
    back = near.row[np.searchsorted(held.ids, partner[ends]), 0]
    mutual = ends[back == held.ids[ends]]
    linked[held.ids[mutual]] = linked[partner[mutual]] = True
    outside = np.flatnonzero(crossing & ~inside)
    ids = np.unique(partner[outside])
    if not len(ids):
        return linked
    partners = ground.bring(ids, "Reading their partners")
    answer = Nearest(partners, 1)

    def settle() -> None:
        # a partner whose nearest row is of its own class ends no link
        answer.asked &= answer.code[:, 0] != ground.crowd.largest

    ground.finish(answer, "Nearest rows of the partners", settle)
    back = answer.row[np.searchsorted(ids, partner[outside]), 0]
    mutual = outside[back == held.ids[outside]]
    linked[held.ids[mutual]] = linked[partner[mutual]] = True
    return linked


def rows_in_agreement(ground: Ground, targets: list[int], k: int, kind: str) -> NDArray[np.bool_]:
    """Which rows share the class of all, or most, of their k nearest other rows (n,); others than targets do."""
    census = ground.census
    keep = np.ones(census.n, dtype=bool)
    k = min(k, census.n - 1)
    needed = k if kind == "all" else k // 2 + 1
    asked = ground.held.ids[np.isin(ground.held.codes, targets)]
    if ground.crowd.largest in targets:
        doubt = _Doubt(ground, k, needed)
        parts = ground.passes.over(ground.rows, doubt, ground.crowd.columns, "Rows safe among their own")
        asked = np.union1d(asked, np.concatenate(list(parts)))
    chunk = max(OPEN_BYTES // (16 * len(ground.space.features) + 24 * k), 1)
    for first in range(0, len(asked), chunk):
        ids = asked[first : first + chunk]
        share = f" ({first + len(ids):,} of {len(asked):,} rows)"
        queries = ground.bring(ids, "Reading rows in doubt" + share)
        near = Nearest(queries, k)
        ground.finish(
            near, "Neighbours of rows in doubt" + share, _Settled(near, ground.crowd.largest, needed)
        )
        keep[ids] = vote(near.code, queries.codes, kind)
    return keep


class _Settled:
    """Rows of the largest class with enough of it among their nearest are decided: what may come is of it too."""

    def __init__(self, near: Nearest, largest: int, needed: int) -> None:
        self.near, self.largest, self.needed = near, largest, needed

    def __call__(self) -> None:
        agreeing = (self.near.code == self.largest).sum(axis=1) >= self.needed
        self.near.asked &= ~(agreeing & (self.near.queries.codes == self.largest))
