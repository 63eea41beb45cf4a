"""Find Tomek links."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from steelyard.resample.plan import Ints

__all__ = ["tomek_links"]


def tomek_links(X: Any, y: Ints, *, n_jobs: int | None = None) -> NDArray[np.bool_]:
    """Which rows are part of a Tomek link (n,).

    >>> tomek_links(np.array([[0.0], [1.0], [1.1]]), np.array([0, 0, 1])).tolist()
    [False, True, True]
    """
    search = NearestNeighbors(n_neighbors=2, n_jobs=n_jobs).fit(X)
    nearest = search.kneighbors(X, return_distance=False)[:, 1]
    return np.asarray((y[nearest] != y) & (nearest[nearest] == np.arange(len(y))))
