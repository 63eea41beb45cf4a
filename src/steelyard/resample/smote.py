"""SMOTE: new rows on the lines between near rows of one class."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import check_random_state

from steelyard.resample.base import BaseSampler
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Made, Plan, between, is_sparse
from steelyard.resample.search import neighbours_within
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["SMOTE"]

VERY_RARE = 10
"""A class of no more rows in which a variant of SMOTE finds nothing to start from is grown as SMOTE does."""
BLOCK = 2048
"""Rows made at once: so few stay in the processor's cache."""


class SMOTE(BaseSampler):
    r"""Make rows between a row of a small class and one of its nearest rows of the same class.

    When to use it: numeric, scaled columns and learners that profit from a wider rare class (nearest
    neighbours, small nets, SVMs); boosted trees seldom gain. A new row is
    :math:`x + u (x' - x)`, :math:`u \sim U(0, 1)`, :math:`x'` one of the `k_neighbors` nearest of :math:`x`.

    A class with no more than `k_neighbors` rows uses all its other rows as neighbours, a class with a single
    row is repeated; `notices_` says so.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn.
        k_neighbors: neighbours to choose from, or an unfitted neighbour search (with one more, for the row
            itself).

    Raises:
        UsageError: `k_neighbors` below one.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [9.0], [10.0]])
    >>> sampler = SMOTE(random_state=0)
    >>> rows, y = sampler.fit_resample(X, [0, 0, 0, 0, 1, 1])
    >>> bool((rows[6:] >= 9).all() and (rows[6:] <= 10).all()), y[6:], sampler.origin_[6:].tolist()
    (True, [1, 1], [-1, -1])

    Source: Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique.
    """

    _sampling_type: ClassVar[Kind] = "over-sampling"

    def __init__(
        self, *, sampling_strategy: Strategy = "auto", random_state: Any = None, k_neighbors: Any = 5
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors

    def _check_options(self) -> None:
        check_neighbours(self.k_neighbors, "k_neighbors")

    def _plan(self, X: Any, y: Ints) -> Plan:
        parts = []
        for code, wanted in self._wanted.items():
            if wanted:
                rows = np.flatnonzero(y == code)
                near = self._near(X[rows], code)
                parts.append(self._lines(X, rows, rows, near, wanted, code))
        return Plan.adding(len(y), parts)

    def _simply(self, X: Any, rows: Ints, wanted: int, code: int, why: str) -> Made:
        """SMOTE's own rows for a very rare class, with a notice."""
        self._notice(f"{self._class(code)} has {counted(len(rows))} and {why}: it is grown as by SMOTE")
        return self._lines(X, rows, rows, self._near(X[rows], code), wanted, code)

    def _near(self, members: Any, code: int) -> Ints:
        """Positions of the neighbours of every member among the members (m, k)."""
        return self._near_some(members, np.arange(members.shape[0]), code)

    def _near_some(self, members: Any, asked: Ints, code: int) -> Ints:
        """Positions of the neighbours of some members among the members (q, k)."""
        near, k = neighbours_within(members, self.k_neighbors, asked)
        if near.shape[1] < k:
            done = "it is repeated" if members.shape[0] == 1 else f"{near.shape[1]} neighbours are used"
            self._notice(
                f"{self._class(code)} has {counted(members.shape[0])}, too few for {k} neighbours: {done}"
            )
        return near

    def _lines(
        self,
        X: Any,
        starts: Ints,
        ends: Ints,
        near: Ints,
        wanted: int,
        code: int,
        *,
        reach: float = 1.0,
        labels: Ints | None = None,
    ) -> Made:
        """`wanted` rows from X[starts] towards X[ends[near]], by steps uniform in 0..reach.

        With `labels` a step towards another class goes at most half way. The draws follow imbalanced-learn's so
        that a seed means the same rows.
        """
        random_state = check_random_state(self.random_state)
        picked = random_state.randint(low=0, high=near.size, size=wanted)
        step = reach * random_state.uniform(size=wanted)
        row, column = np.divmod(picked, near.shape[1])
        first, second = starts[row], ends[near[row, column]]
        if labels is not None:
            foreign = labels[second] != code
            again = check_random_state(self.random_state)
            step[foreign] *= again.uniform(low=0.0, high=0.5, size=(int(foreign.sum()), 1))[:, 0]
        return between(on_line(X, first, second, step), code, first, second, step, X.shape[0])


def counted(rows: int) -> str:
    """A number of rows in words.

    >>> counted(1), counted(2)
    ('1 row', '2 rows')
    """
    return f"{rows} row" + "s" * (rows != 1)


def on_line(X: Any, first: Ints, second: Ints, step: NDArray[np.float64]) -> Any:
    """The rows X[first] + step * (X[second] - X[first]), in the type of X."""
    if is_sparse(X):
        away = X[second] - X[first]
        return (X[first] + sparse.diags(step) @ away).astype(X.dtype).tocsr()
    made = np.empty((len(first), X.shape[1]), dtype=X.dtype)
    for start in range(0, len(first), BLOCK):
        at = slice(start, start + BLOCK)
        begin = X[first[at]]
        away = X[second[at]] - begin
        made[at] = begin + away * step[at, None]
    return made


CARD = {
    "lever": "resample",
    "name": "SMOTE",
    "title": "synthetic minority over-sampling",
    "seeds": ["001", "005", "006", "012", "015"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique",
    "facts": {
        "kind": "over",
        "arm": {"kind": "resampler", "rank": 5, "label": "SMOTE", "encoding": "linear"},
    },
}
