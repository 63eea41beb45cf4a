"""ProWSyn: more new rows where a class is near the others, by peeling it in layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from steelyard.core import UsageError
from steelyard.resample.base import positive_integer
from steelyard.resample.per_class import PerClassSampler
from steelyard.resample.plan import Ints, Made, between
from steelyard.resample.smote import on_line
from steelyard.resample.strategy import Strategy

__all__ = ["ProWSyn"]


class ProWSyn(PerClassSampler):
    r"""Peel a class in layers from the outside and make rows within layers, most in the outermost.

    When to use it: to put new rows near the border of a class without ADASYN's taste for noise.

    Layer :math:`l = 1 \dots L` holds the rows that are among the `n_neighbors` nearest of some row of another
    class, of the rows no earlier layer took; what then remains is one more set of level :math:`L`. A set of level l
    is chosen with probability proportional to :math:`e^{-\theta (l - 1)}`, and a row is made at a uniform place
    between two of its rows. A set of a single row has it repeated.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed.
        n_neighbors: nearest rows of the class every row of another class marks.
        n_levels: number of levels L.
        theta: how fast the share of a level falls; 0 treats all alike.
        n_jobs: threads of the search.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]])
    >>> sampler = ProWSyn(random_state=0, n_neighbors=2, n_levels=1, theta=50)
    >>> rows, y = sampler.fit_resample(X, [0] * 5 + [1] * 4)
    >>> sampler.levels_
    {1: [[5, 6], [7, 8]]}

    Source: Barua, Islam, Murase (2013), ProWSyn: proximity weighted synthetic oversampling technique; the layers
    are the clusters rows are made in, as in smote-variants.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        n_neighbors: int = 5,
        n_levels: int = 5,
        theta: float = 1.0,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_levels = n_levels
        self.theta = theta
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        positive_integer(self.n_neighbors, "n_neighbors")
        positive_integer(self.n_levels, "n_levels")
        if not 0 <= self.theta < np.inf:
            raise UsageError(f"theta={self.theta!r} was given, expected a number from 0 up")
        self.levels_: dict[Any, list[list[int]]] = {}

    def _make(self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState) -> Made:
        code = int(y[rows[0]])
        sets, level = self._peeled(X, y, rows)
        self.levels_[self._names.tolist()[code]] = [part.tolist() for part in sets]
        share = np.exp(-self.theta * (level - 1.0))
        chosen = np.sort(random_state.choice(len(sets), wanted, p=share / share.sum()))
        size = np.array([len(part) for part in sets])[chosen]
        offset = np.cumsum([0, *(len(part) for part in sets)])[chosen]
        first = random_state.randint(0, size)
        # another row of the set, by a step of 1 to size - 1 around; a set of one row steps back to it
        second = (first + random_state.randint(1, np.maximum(size, 2))) % size
        everybody = np.concatenate(sets)
        start, end = everybody[offset + first], everybody[offset + second]
        step = random_state.uniform(size=wanted)
        return between(on_line(X, start, end, step), code, start, end, step, len(y))

    def _peeled(self, X: Any, y: Ints, rows: Ints) -> tuple[list[Ints], Ints]:
        """Sets of rows, outermost first, and the level of each."""
        others = X[y != y[rows[0]]]
        sets, left = [], rows
        for _ in range(self.n_levels):
            search = NearestNeighbors(n_neighbors=min(self.n_neighbors, len(left)), n_jobs=self.n_jobs)
            marked = np.unique(search.fit(X[left]).kneighbors(others, return_distance=False))
            sets.append(left[marked])
            left = np.delete(left, marked)
            if not len(left):
                break
        level = np.arange(1, len(sets) + 1)
        return ([*sets, left], np.append(level, level[-1])) if len(left) else (sets, level)


CARD = {
    "lever": "resample",
    "name": "ProWSyn",
    "title": "proximity weighted synthetic over-sampling",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Barua, Islam, Murase (2013), ProWSyn: proximity weighted synthetic oversampling technique",
    "facts": {
        "kind": "over",
        "arm": {"kind": "resampler", "rank": 5, "label": "ProWSyn", "encoding": "linear", "default": False},
    },
}
