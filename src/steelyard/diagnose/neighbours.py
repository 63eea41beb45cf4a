"""The nearest neighbours of chosen rows among all rows, found once and read by several probes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from steelyard.core import Floats, derive, generator
from steelyard.diagnose.sampling import keep_rare, row_weights

__all__ = ["Neighbourhood", "neighbourhood"]

K = 5
WORK = 6e9  # queries × rows × columns that may be compared


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The K nearest rows (m, K) of m asked rows; each asked row stands for so many rows of its class."""

    rows: NDArray[np.int64]
    nearest: NDArray[np.int64]
    stands_for: Floats


def neighbourhood(X: NDArray[np.float32], y: NDArray[np.int64], *, limit: int, seed: int) -> Neighbourhood:
    """Look around at most `limit` rows, all rare ones first, among all n rows.

    Rows to look around are thinned, rows to look at never are: thinning those would move every neighbour.
    """
    affordable = int(max(500, WORK / (len(y) * max(X.shape[1], 1))))
    rows = keep_rare(y, min(limit, affordable), generator(derive(seed, "neighbours", len(y))))
    return Neighbourhood(rows, nearest(X, rows, K), row_weights(y, rows))


def nearest(X: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """The `k` nearest other rows of each of `rows`, nearest first (m, k)."""
    k = min(k, len(X) - 1)
    model = NearestNeighbors(n_neighbors=k + 1, n_jobs=1).fit(X)
    found = model.kneighbors(X[rows], return_distance=False)
    itself = found == rows[:, None]
    itself[~itself.any(axis=1), -1] = True  # lost among exact copies of itself: give up the farthest one
    return np.asarray(found[~itself].reshape(len(rows), k), dtype=np.int64)
