"""The exact nearest rows of a few rows among many, in scikit-learn's order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.resample.gather import nearest_candidates
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points
from steelyard.resample.reference import Reference
from steelyard.resample.shared import shareable

__all__ = ["nearest_others", "nearest_rows", "neighbours_within"]

SMALL = 300
"""Tables of fewer rows are searched outright."""


@shareable
def nearest_rows(
    X: Any, rows: Ints, neighbours: Any, *, n_jobs: int | None = None
) -> tuple[Ints, NDArray[np.bool_]]:
    """The nearest of all rows of `X` to `rows`, nearest first (q, k + 1), and which rows had ties (q,).

    The first column is the row itself, except among duplicates. Products find all rows that can be among the
    nearest, float64 differences sort them, and rows with two neighbours as near as rounding can tell are left to
    scikit-learn, whose order among them is then kept.

    >>> nearest_rows(np.array([[0.0], [5.0], [1.0], [3.5]]), np.array([0]), 2)[0].tolist()
    [[0, 2, 3]]
    """
    reference = Reference(X, neighbours, n_jobs=n_jobs)
    k = reference.k
    if not reference.plain or len(X) < SMALL or not len(rows):
        return reference.near(rows, rows), np.ones(len(rows), dtype=bool)
    everybody, points = np.arange(len(X)), Points(X)
    found, gap, rounding = _sorted_nearest(X, points, rows, everybody, k + 1, n_jobs)
    tied = (gap <= rounding).any(axis=1) | (found[:, 0] != rows)
    found[tied] = reference.near(rows[tied], rows)
    return found, tied


def nearest_others(X: Any, rows: Ints, others: Ints, k: int, *, n_jobs: int | None = None) -> Ints | None:
    """Which `others` are among the k nearest of any of `rows`; None where rounding cannot tell."""
    if len(others) <= k:
        return others
    found, gap, rounding = _sorted_nearest(X, Points(X), rows, others, k, n_jobs)
    return None if (gap[:, -1:] <= rounding).any() else np.unique(found)


def _sorted_nearest(
    X: Any, points: Points, rows: Ints, others: Ints, k: int, n_jobs: int | None
) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """The k nearest of the others, by float64 differences (q, k), how much farther the next of each is, and rounding.

    Where candidates were given up the gaps are 0.
    """
    query, candidate, _ = nearest_candidates(points, rows, others, min(k + 1, len(others)), n_jobs=n_jobs)
    if not len(query):
        return (
            np.repeat(others[:k][None], len(rows), axis=0),
            np.zeros((len(rows), k)),
            np.zeros((len(rows), 1)),
        )
    difference = np.asarray(X[candidate], dtype=np.float64) - X[rows[query]]
    squared = np.einsum("ij,ij->i", difference, difference)
    order = np.lexsort((candidate, squared, query))
    candidate, squared = candidate[order], squared[order]
    start = np.searchsorted(query[order], np.arange(len(rows) + 1))
    column = start[:-1, None] + np.arange(k + 1)
    exists = column < start[1:, None]
    column = np.minimum(column, len(query) - 1)
    value = np.where(exists, squared[column], np.inf)
    known = np.where(exists, value, 0.0)
    gap = np.where(exists[:, 1:], value[:, 1:], np.inf) - known[:, :-1]
    gap[~exists[:, k - 1]] = 0
    return candidate[column[:, :k]], gap, _rounding(points, rows, known[:, k - 1])[:, None]


def neighbours_within(members: Any, value: Any, asked: Ints | None = None) -> tuple[Ints, int]:
    """Positions of the nearest other rows among `members` (q, k'), and the k that was asked for.

    Asked are all members, or those at some positions (q,).

    k' is k, or the number of other rows where there are fewer; a lone row is its own and only neighbour.
    """
    m, k = members.shape[0], check_neighbours(value, "k_neighbors")
    if m == 1:
        return np.zeros((1, 1), dtype=np.int64), k + 1
    return nearest_rows(members, np.arange(m) if asked is None else asked, value)[0][:, 1:], k


def _rounding(points: Points, rows: Ints, squared: NDArray[Any]) -> NDArray[np.float64]:
    reach = 2 * points.raw_norm[rows] + np.sqrt(squared)
    return np.asarray(4 * (points.d + 8) * np.finfo(np.float64).eps * reach**2)
