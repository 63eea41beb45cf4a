"""The seeds of k-means++, drawn as scikit-learn draws them, with most distances left to a quick product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points, single_threaded

__all__: list[str] = []

SHARE = 0.96
"""Of the spread that the main columns hold."""
COLUMNS, PAIRS, STRETCH = 4096, 2**15, 512
"""Rows compared with all candidates at once, pairs repeated in float64 at once, and rows added up at once."""


@dataclass(frozen=True)
class Seeds:
    """Rows that serve as first centres (k,), and of every row the nearest of them and its squared distance (n,).

    `tied` says that a row has two nearest seeds as far as rounding can tell.
    """

    rows: Ints
    owner: Ints
    squared: Floats
    tied: bool


def seeded(X: Floats, points: Points, number: int, random_state: np.random.RandomState) -> Seeds | None:
    r"""Draw `number` seeds among the centred rows `X` (n, d); None when rows run out that differ from all seeds.

    Every seed is the best of :math:`2 + \lfloor\ln k\rfloor` candidates, drawn in proportion to the squared distance
    to the nearest seed so far: the one that lowers the sum of these distances most. A candidate changes the distance
    of few rows; a product in float32 of the main columns finds them, differences in float64 say by how much.
    """
    n, tries = len(X), 2 + int(np.log(number))
    first = int(random_state.choice(n, p=np.full(n, 1.0) / n))
    rows, owner = np.full(number, first, dtype=np.int64), np.zeros(n, dtype=np.int64)
    squared = _between(X, np.arange(n), np.full(n, first))
    everybody, tied = np.arange(n), np.zeros(n, dtype=bool)
    limit = (squared + points.margin(everybody, squared)).astype(points.dtype)
    main = Points(_main_columns(X), points.dtype)
    across = np.ascontiguousarray(main.right.T)
    nothing = n * float(points.margin(everybody, np.zeros(n)).max()) * np.finfo(np.float64).eps
    with single_threaded():
        for place in range(1, number):
            if not squared.sum() > nothing:
                return None
            drawn = _drawn(squared, random_state, tries)
            row, which = _within(across, main.left(drawn), limit)
            value = _between(X, row, drawn[which])
            gain = np.bincount(which, np.maximum(squared[row] - value, 0), minlength=tries)
            best = int(np.argmax(gain))
            row, value = row[which == best], value[which == best]
            rows[place] = drawn[best]
            near = np.abs(value - squared[row]) <= rounding(points, row, squared[row])
            closer = ~near & (value < squared[row])
            tied[row[near]], tied[row[closer]] = True, False
            row, value = row[value < squared[row]], value[value < squared[row]]
            squared[row], owner[row] = value, place
            limit[row] = value + points.margin(row, value)
    return Seeds(rows, owner, squared, bool(tied.any()))


def rounding(points: Points, rows: Ints, squared: Floats) -> Floats:
    """By how much two squared distances of rows computed in float64 may differ and yet be the same."""
    reach = 2 * points.norm[rows] + np.sqrt(squared)
    return np.asarray(8 * (points.d + 8) * np.finfo(np.float64).eps * reach**2)


def _main_columns(X: Floats) -> Floats:
    """Centred rows turned to their principal axes, without those that hold little: distances only get smaller."""
    spread, axes = np.linalg.eigh(X.T @ X)
    share = np.cumsum(spread[::-1]) / spread.sum()
    return np.asarray(X @ axes[:, ::-1][:, : int(np.searchsorted(share, SHARE)) + 1])


def _within(across: NDArray[Any], left: NDArray[Any], limit: NDArray[Any]) -> tuple[Ints, Ints]:
    """Pairs (row, candidate) that may be nearer than the limit of the row."""
    n = across.shape[1]
    near = np.empty((len(left), n), dtype=bool)
    for start in range(0, n, COLUMNS):
        part = slice(start, start + COLUMNS)
        np.greater_equal(limit[part], left @ across[:, part], out=near[:, part])
    which, row = np.divmod(np.flatnonzero(near), n)
    return row, which


def _drawn(squared: Floats, random_state: np.random.RandomState, tries: int) -> Ints:
    """Rows in proportion to their squared distance (tries,), as one running sum over all of them would name them."""
    starts = np.arange(0, len(squared), STRETCH)
    total = np.cumsum(np.add.reduceat(squared, starts))
    asked = random_state.uniform(size=tries) * total[-1]
    stretch = np.minimum(np.searchsorted(total, asked), len(starts) - 1)
    drawn = np.empty(tries, dtype=np.int64)
    for place, (number, value) in enumerate(zip(stretch.tolist(), asked.tolist(), strict=True)):
        before = total[number - 1] if number else 0.0
        inside = np.cumsum(squared[starts[number] : starts[number] + STRETCH])
        drawn[place] = starts[number] + np.searchsorted(inside, value - before)
    return np.minimum(drawn, len(squared) - 1)


def _between(X: Floats, rows: Ints, others: Ints) -> Floats:
    squared = np.empty(len(rows))
    for start in range(0, len(rows), PAIRS):
        at = slice(start, start + PAIRS)
        away = X.take(rows[at], axis=0)
        away -= X.take(others[at], axis=0)
        squared[at] = np.einsum("ij,ij->i", away, away)
    return squared
