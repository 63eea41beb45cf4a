"""The support vectors of a large table, by machines trained on the rows that can be some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from steelyard.resample.plan import Ints
from steelyard.resample.points import QUERIES, Points, in_parallel

__all__ = ["support_of"]

FIRST, FEWEST = 2.0, 2_000
"""Rows of the other class a first machine sees for every one of the class, and at least how many."""
SLACK, WATCHED = 0.01, 0.1
"""How far outside its margin a row still counts as in question, and is looked at before all are."""


def support_of(X: NDArray[Any], y: Ints, code: int, machine: SVC) -> Ints:
    r"""Rows of a class that are support vectors of machines that tell it from one other class each.

    A row outside the margin, :math:`y f(x) \ge 1`, has no part in a machine. So one is trained on the class and some
    rows of the other, and again with the rows it puts inside its margin, until it puts no further row there by more
    than its own tolerance: it then solves the problem of all rows to that tolerance. A support vector whose weight
    is within the tolerance may be missing or new against a machine trained on all rows at once.

    Args:
        X: rows (n, d), finite numbers.
        y: class positions (n,).
        code: the class.
        machine: an unfitted SVC with the radial kernel.

    >>> X, y = np.r_[0.0:4.0, 4.5:6.5][:, None], np.repeat([0, 1], [4, 2])
    >>> support_of(X, y, 1, SVC()).tolist()
    [4, 5]
    """
    machine.set_params(gamma=1.0 / (X.shape[1] * X.var()))
    points, own, found = Points(X), np.flatnonzero(y == code), []
    for other in np.unique(y[y != code]):
        rows = _solved(X, points, own, np.flatnonzero(y == other), machine)
        found.append(rows[rows < len(own)])
    return np.asarray(own[np.unique(np.concatenate(found))])


def _solved(X: NDArray[Any], points: Points, own: Ints, others: Ints, machine: SVC) -> Ints:
    """Fit the machine on all of `own` and those of `others` that matter; positions of its support vectors."""
    some = min(len(others), max(FEWEST, int(FIRST * len(own))))
    inside, left_out = np.zeros((2, len(others)), dtype=bool)
    inside[np.linspace(0, len(others) - 1, some).astype(np.int64)] = True
    margin, watched = np.empty(len(others)), np.ones(len(others), dtype=bool)
    weight: dict[int, float] | None = {0: len(others) / some}  # the first stand for the rest
    while True:
        rows = np.concatenate([own, others[inside]])
        machine.set_params(class_weight=weight)
        machine.fit(X[rows], np.repeat([1, 0], [len(own), int(inside.sum())]))
        for part in (watched, ~watched):
            margin[part] = -_decision(points, machine, rows, others[part])
            missed = ~inside & (margin < 1 - machine.tol)
            if missed.any() or weight:
                break
        else:
            return np.asarray(machine.support_, dtype=np.int64)
        # every row is left out only once, so this ends
        out = inside & (margin > 1 + SLACK) & ~left_out
        left_out |= out & (weight is None)
        inside &= ~out & (weight is None)
        asked = np.flatnonzero(~inside & (margin < 1 + SLACK))
        inside[asked[np.argsort(margin[asked])[:some]]] = True
        watched, weight = inside | (margin < 1 + WATCHED), None


def _decision(points: Points, machine: SVC, rows: Ints, asked: Ints) -> NDArray[np.float64]:
    """What a machine fitted on some rows says of others (q,); float32 errs far less than the machine's tolerance."""
    left = points.left(rows[machine.support_]).T
    weight = machine.dual_coef_[0].astype(points.dtype)
    said = np.empty(len(asked))

    def block(start: int) -> None:
        at = slice(start, start + QUERIES)
        kernel = points.right[asked[at]] @ left
        kernel *= -machine.gamma
        said[at] = np.exp(kernel, out=kernel) @ weight

    in_parallel(block, range(0, len(asked), QUERIES))
    return np.asarray(said + machine.intercept_[0])
