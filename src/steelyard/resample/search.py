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

__all__ = ["nearest_rows", "neighbours_within"]

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
    points = Points(X)
    everybody = np.arange(len(points.right))
    query, candidate, _ = nearest_candidates(points, rows, everybody, min(k + 2, len(X)), n_jobs=n_jobs)
    difference = np.asarray(X[candidate], dtype=np.float64) - X[rows[query]]
    squared = np.einsum("ij,ij->i", difference, difference)
    order = np.lexsort((candidate, squared, query))
    candidate, squared = candidate[order], squared[order]
    start = np.searchsorted(query[order], np.arange(len(rows) + 1))
    column = start[:-1, None] + np.arange(k + 2)
    exists = column < start[1:, None]
    column = np.minimum(column, len(query) - 1)
    value = np.where(exists, squared[column], np.inf)
    found = candidate[column[:, : k + 1]]
    known = np.where(exists, value, 0.0)
    gap = np.where(exists[:, 1:], value[:, 1:], np.inf) - known[:, :-1]
    tied = (gap <= 2 * _rounding(points, rows, known[:, k])[:, None]).any(axis=1)
    tied |= ~exists[:, k] | (found[:, 0] != rows)
    found[tied] = reference.near(rows[tied], rows)
    return found, tied


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
    return np.asarray(2 * (points.d + 8) * np.finfo(np.float64).eps * reach**2)
