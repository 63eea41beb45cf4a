"""The frame of over-samplers that make the rows of each class on their own."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from steelyard.core import Floats
from steelyard.resample.base import BaseSampler
from steelyard.resample.plan import Ints, Made, Plan, between, is_sparse
from steelyard.resample.strategy import Kind

__all__ = ["PerClassSampler", "dense"]


class PerClassSampler(BaseSampler):
    """Classes that get rows are served one after the other; a class of a single row has it repeated."""

    _sampling_type: ClassVar[Kind] = "over-sampling"
    random_state: Any

    @abstractmethod
    def _make(
        self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState
    ) -> Made | None:
        """`wanted` rows of the class whose rows are `rows`, at least two; None with a notice if it gets none."""

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        parts = []
        for code, wanted in self._wanted.items():
            rows = np.flatnonzero(y == code)
            if wanted and len(rows) == 1:
                self._notice(f"{self._class(code)} has 1 row, too few to make others from: it is repeated")
                start = np.repeat(rows, wanted)
                parts.append(between(self._repeated(X, start), code, start, start, np.zeros(wanted), len(y)))
            elif wanted:
                made = self._make(X, y, rows, wanted, random_state)
                parts += [] if made is None else [made]
        return Plan.adding(len(y), parts)

    def _repeated(self, X: Any, start: Ints) -> Any:
        return X[start]


def dense(X: Any, rows: Ints) -> Floats:
    """Some rows as an array of float64.

    >>> dense(np.array([[1], [2]]), np.array([1])).tolist()
    [[2.0]]
    """
    chosen = X[rows].toarray() if is_sparse(X) else X[rows]
    found: NDArray[np.float64] = np.asarray(chosen, dtype=np.float64)
    return found
