"""Decide which rows agree with their neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mode

from steelyard.resample.neighbours import searcher
from steelyard.resample.plan import Ints

__all__ = ["agreeing"]


def agreeing(
    X: Any, y: Ints, neighbours: Any, targets: list[int], *, kind: str = "all", n_jobs: int | None = None
) -> NDArray[np.bool_]:
    """Which rows share the class of all, or most, of their nearest other rows (n,); others than targets do.

    >>> X = np.array([[0.0], [1.0], [2.0], [2.1]])
    >>> agreeing(X, np.array([0, 0, 0, 1]), 1, [0, 1]).tolist()
    [True, True, False, False]
    """
    search = searcher(neighbours, X.shape[0], n_jobs=n_jobs).fit(X)
    keep = np.ones(len(y), dtype=bool)
    for code in targets:
        rows = np.flatnonzero(y == code)
        keep[rows] = vote(y[search.kneighbors(X[rows], return_distance=False)[:, 1:]], y[rows], kind)
    return keep


def vote(near: Ints, own: Ints, kind: str) -> NDArray[np.bool_]:
    """Whether all or most of the neighbours' classes (m, k) equal each row's own (m,)."""
    if kind == "all":
        return np.asarray((near == own[:, None]).all(axis=1))
    return np.asarray(mode(near, axis=1, keepdims=False).mode == own)
