"""The support vectors of a large table, by machines trained on the rows that can be some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.svm import SVC

from steelyard.resample.plan import Ints
from steelyard.resample.points import QUERIES, Points, in_parallel

__all__ = ["support_of"]

FIRST, FEWEST = 2.0, 2_000
"""Rows of the other class a first machine sees for every one of the class, and at least how many."""
TABLE = 10_000
"""Up to so many rows the kernel is computed whole, which takes a third of the time, and 8 bytes a pair."""
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
    machine = clone(machine).set_params(gamma=1.0 / (X.shape[1] * X.var()))
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
    kernel = _Kernel(points, machine.gamma)
    while True:
        rows, y = np.concatenate([own, others[inside]]), np.repeat([1, 0], [len(own), int(inside.sum())])
        machine.set_params(class_weight=weight)
        if len(rows) <= TABLE:
            machine.set_params(kernel="precomputed").fit(kernel.among(rows), y)
        else:
            machine.set_params(kernel="rbf").fit(X[rows], y)
        for part in (watched, ~watched):
            margin[part] = -kernel.decision(machine, rows, others[part])
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


class _Kernel:
    """The radial kernel of some rows, in float32, which errs far less than the machine's tolerance."""

    def __init__(self, points: Points, gamma: float) -> None:
        self.points, self.gamma = points, gamma
        self.room = np.empty(0)

    def among(self, rows: Ints) -> NDArray[np.float64]:
        """The kernel of all pairs (q, q), in memory that the next call takes over."""
        q = len(rows)
        if len(self.room) < q * q:
            self.room = np.empty(q * q)
        found = self.room[: q * q].reshape(q, q)
        self._filled(found, rows, rows)
        return found

    def decision(self, machine: SVC, rows: Ints, asked: Ints) -> NDArray[np.float64]:
        """What a machine fitted on some rows says of others (q,)."""
        said = np.empty(len(asked))
        self._filled(said, asked, rows[machine.support_], machine.dual_coef_[0].astype(self.points.dtype))
        return np.asarray(said + machine.intercept_[0])

    def _filled(self, out: NDArray[Any], asked: Ints, rows: Ints, weight: NDArray[Any] | None = None) -> None:
        left = self.points.left(rows).T

        def block(start: int) -> None:
            at = slice(start, start + QUERIES)
            kernel = self.points.right[asked[at]] @ left
            kernel *= -self.gamma
            np.exp(kernel, out=kernel)
            out[at] = kernel if weight is None else kernel @ weight

        in_parallel(block, range(0, len(asked), QUERIES))
