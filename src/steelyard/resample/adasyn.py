"""ADASYN: more new rows where other classes are near."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from steelyard.core import DataError
from steelyard.resample.base import BaseSampler
from steelyard.resample.borderline_smote import count_others
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan, between
from steelyard.resample.search import neighbours_within
from steelyard.resample.smote import VERY_RARE, counted, on_line
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["ADASYN"]


class ADASYN(BaseSampler):
    """Make rows as SMOTE does, from every row in proportion to the share of other classes around it.

    When to use it: as SMOTE, to put the weight on hard rows; noise is hard as well. Rounding may make the
    numbers differ a little from those asked for.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn.
        n_neighbors: neighbours that are counted and drawn lines to, or an unfitted search (of one more).

    Raises:
        UsageError: an option out of range.
        DataError: no row of a class of more than 10 rows has a neighbour of another class.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [3.5], [4.0], [4.2], [4.8]])
    >>> sampler = ADASYN(random_state=0, n_neighbors=2)
    >>> sampler.fit_resample(X, [0, 0, 0, 0, 0, 1, 1, 1])[0].shape, sampler.sample_indices_[8:].tolist()
    ((10, 1), [5, 5])

    Source: He, Bai, Garcia, Li (2008), ADASYN: adaptive synthetic sampling approach.
    """

    _sampling_type: ClassVar[Kind] = "over-sampling"

    def __init__(
        self, *, sampling_strategy: Strategy = "auto", random_state: Any = None, n_neighbors: Any = 5
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        parts = []
        for code, wanted in self._wanted.items():
            if not wanted:
                continue
            rows = np.flatnonzero(y == code)
            number = self._numbers(X, y, rows, wanted)
            near, k = neighbours_within(X[rows], self.n_neighbors)
            if near.shape[1] < k:
                self._notice(f"{self._class(code)} has {counted(len(rows))}, too few for {k} neighbours")
            row = np.repeat(np.arange(len(rows)), number)
            first, second = rows[row], rows[near[row, random_state.choice(near.shape[1], size=len(row))]]
            step = random_state.uniform(size=(len(row), 1))[:, 0]
            parts.append(between(on_line(X, first, second, step), code, first, second, step, len(y)))
        return Plan.adding(len(y), parts)

    def _numbers(self, X: Any, y: Ints, rows: Ints, wanted: int) -> Ints:
        """How many rows to make from each row."""
        others, k = count_others(X, y, rows, self.n_neighbors)
        ratio = others / k
        if not ratio.sum() and len(rows) <= VERY_RARE:
            self._notice(
                f"{self._class(y[rows[0]])} has {counted(len(rows))}, none near another class: all count alike"
            )
            ratio = np.ones(len(rows))
        if not ratio.sum():
            raise DataError(
                f"no row of {self._class(y[rows[0]])} has a neighbour of another class, so ADASYN "
                "knows no hard row; use SMOTE"
            )
        ratio /= ratio.sum()
        number = np.rint(ratio * wanted).astype(np.int64)
        if not number.sum():
            raise DataError(
                f"{wanted} rows spread over {len(rows)} rows round to none; ask for more rows or use SMOTE"
            )
        return number


CARD = {
    "lever": "resample",
    "name": "ADASYN",
    "title": "adaptive synthetic sampling",
    "seeds": ["005", "012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "He, Bai, Garcia, Li (2008), ADASYN: adaptive synthetic sampling approach",
    "facts": {"kind": "over"},
}
