"""Neighbour searches as imbalanced-learn makes them: scikit-learn's, with its own choice of algorithm."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from steelyard.core import UsageError

__all__ = ["check_neighbours", "searcher"]


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
