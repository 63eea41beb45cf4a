"""Neighbour searches as imbalanced-learn makes them: scikit-learn's, with its own choice of algorithm."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from steelyard.core import UsageError
from steelyard.resample.plan import Ints

__all__ = ["check_neighbours", "neighbours_within", "searcher"]


def check_neighbours(value: Any, name: str) -> int:
    """The number of neighbours asked for, without the row itself.

    >>> check_neighbours(3, "n_neighbors"), check_neighbours(NearestNeighbors(n_neighbors=6), "n_neighbors")
    (3, 5)
    """
    if hasattr(value, "kneighbors") and hasattr(value, "kneighbors_graph"):
        return int(value.n_neighbors) - 1
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise UsageError(
            f"{name}={value!r} was given, expected a whole number from 1 up or a neighbour search such as "
            "sklearn.neighbors.NearestNeighbors"
        )
    return int(value)


def searcher(value: Any, n_rows: int, *, n_jobs: int | None = None, extra: int = 1) -> Any:
    """The unfitted search for `value` neighbours and `extra` more, no more than there are rows."""
    if hasattr(value, "kneighbors"):
        search = clone(value)
    else:
        search = NearestNeighbors(n_neighbors=value + extra, n_jobs=n_jobs)
    if search.n_neighbors > n_rows:
        search.set_params(n_neighbors=n_rows)
    return search


def neighbours_within(members: Any, value: Any) -> tuple[Ints, int]:
    """Positions of the nearest other rows among `members` (m, k'), and the k that was asked for.

    k' is k, or the number of other rows where there are fewer; a lone row is its own and only neighbour.
    """
    m, k = members.shape[0], check_neighbours(value, "k_neighbors")
    if m == 1:
        return np.zeros((1, 1), dtype=np.int64), k + 1
    search = searcher(value, m).fit(members)
    near = search.kneighbors(members, return_distance=False)[:, 1:]
    return near.astype(np.int64), k
