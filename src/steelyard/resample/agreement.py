"""Decide which rows agree with their neighbours, mostly without a neighbour search."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mode

from steelyard.resample.bounds import distance_within
from steelyard.resample.gather import nearest_values
from steelyard.resample.plan import Ints
from steelyard.resample.points import Points
from steelyard.resample.reference import Reference

__all__ = ["agreeing"]

SMALL = 300
"""Tables of fewer rows are searched outright."""


def agreeing(
    X: Any, y: Ints, neighbours: Any, targets: list[int], *, kind: str = "all", n_jobs: int | None = None
) -> NDArray[np.bool_]:
    r"""Which rows share the class of all, or most, of their nearest other rows (n,); others than targets do.

    Let :math:`s_m` be the m-th smallest distance to a row of the same class and :math:`o_j` the j-th smallest
    to one of another. Of the k nearest rows at least m share the class exactly when
    :math:`s_m < o_{k - m + 1}`. The rare side of that comparison is cheap to know exactly, and an upper bound
    of :math:`s_m` suffices to keep a row. Whatever lies within rounding is left to scikit-learn.

    >>> X = np.array([[0.0], [1.0], [2.0], [2.1]])
    >>> agreeing(X, np.array([0, 0, 0, 1]), 1, [0, 1]).tolist()
    [True, True, False, False]
    """
    reference = Reference(X, neighbours, n_jobs=n_jobs)
    keep = np.ones(len(y), dtype=bool)
    quick = reference.plain and len(y) >= SMALL and reference.k >= 1
    open_rows = {code: np.flatnonzero(y == code) for code in targets}
    if quick:
        for dtype in (np.float32, np.float64):
            if not any(len(rows) for rows in open_rows.values()):
                break
            points = Points(X, dtype)
            known = _facing(points, y, open_rows, kind, n_jobs)
            for code, rows in open_rows.items():
                kept, unsure = _decide(points, y, rows, reference.k, kind, known.get(code), n_jobs)
                keep[rows] = kept
                open_rows[code] = rows[unsure]
    for code, rows in open_rows.items():
        near = reference.near(rows, np.flatnonzero(y == code))[:, 1:]
        keep[rows] = vote(y[near], y[rows], kind)
    return keep


def _facing(
    points: Points, y: Ints, open_rows: dict[int, Ints], kind: str, n_jobs: int | None
) -> dict[int, NDArray[Any]]:
    """When both of two classes are asked for in full, one pass gives the nearest row of the other for both."""
    asked = list(open_rows.items())
    if kind != "all" or len(asked) != 2 or sum(len(rows) for _, rows in asked) < len(y):
        return {}
    (one, first), (two, second) = asked
    ahead, back = points.facing(first, second, n_jobs=n_jobs)
    return {one: ahead[None], two: back[None]}


def _decide(
    points: Points, y: Ints, rows: Ints, k: int, kind: str, near: NDArray[Any] | None, n_jobs: int | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows of one class to keep, and which of them rounding or ties leave open."""
    if not len(rows):
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    code, n_classes = int(y[rows[0]]), len(np.unique(y))
    m = k if kind == "all" else _needed(k, code, y, n_classes)
    same, others = np.flatnonzero(y == code), np.flatnonzero(y != code)
    if near is None:
        near = nearest_values(points, rows, others, k - m + 1, n_jobs=n_jobs)
    first, limit = near[0], near[-1]
    # twice the margin: scikit-learn's value and ours may err in opposite directions, on both sides
    low = limit - points.margin(rows, limit)
    own = distance_within(points, rows, same, m + 1, low, n_jobs=n_jobs)
    slack = points.margin(rows, own)
    apart = first - points.margin(rows, first) > points.margin(rows, np.zeros(len(rows)))
    kept = apart & (own + slack < low)
    against = apart & (own - slack > limit + points.margin(rows, limit))
    if kind == "mode" and n_classes > 2:
        against[:] = False
    return kept, ~(kept | against)


def _needed(k: int, code: int, y: Ints, n_classes: int) -> int:
    """How many of k neighbours must share the class to make it the most frequent one."""
    wins_draws = n_classes == 2 and code == int(y.min()) and k % 2 == 0
    return k // 2 if wins_draws else k // 2 + 1


def vote(near: Ints, own: Ints, kind: str) -> NDArray[np.bool_]:
    """Whether all or most of the neighbours' classes (q, k) equal each row's own (q,)."""
    if kind == "all" or not len(near):
        return np.asarray((near == own[:, None]).all(axis=1))
    return np.asarray(mode(near, axis=1, keepdims=False).mode == own)
