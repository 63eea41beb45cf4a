"""SMOTE from the rows near the border of their class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import UsageError
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.search import nearest_rows
from steelyard.resample.smote import SMOTE
from steelyard.resample.strategy import Strategy

__all__ = ["BorderlineSMOTE"]


class BorderlineSMOTE(SMOTE):
    """Make rows only from the rows in danger: at least half, but not all, of their neighbours are of other classes.

    When to use it: when the interior of the rare class is easy and its border is what costs errors. Neighbours
    are counted among `m_neighbors` of the whole table. The kind `"borderline-1"` draws lines to rows of the same
    class; `"borderline-2"` to any row, going at most half way towards another class.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn.
        k_neighbors: neighbours to draw lines to, or an unfitted neighbour search (of one more).
        m_neighbors: neighbours that decide about danger, or an unfitted neighbour search (of one more).
        kind: "borderline-1" or "borderline-2".

    A class without rows in danger gets no rows; `notices_` says so.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [3.5], [4.0], [4.2], [4.8]])
    >>> sampler = BorderlineSMOTE(random_state=0, k_neighbors=1, m_neighbors=2)
    >>> rows, y = sampler.fit_resample(X, [0, 0, 0, 0, 0, 1, 1, 1])
    >>> sorted(set(sampler.sample_indices_[8:].tolist()))
    [5]

    Source: Han, Wang, Mao (2005), Borderline-SMOTE.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        kind: str = "borderline-1",
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.m_neighbors = m_neighbors
        self.kind = kind

    def _check_options(self) -> None:
        super()._check_options()
        check_neighbours(self.m_neighbors, "m_neighbors")
        if self.kind not in ("borderline-1", "borderline-2"):
            raise UsageError(f"kind={self.kind!r} was given, expected 'borderline-1' or 'borderline-2'")

    def _plan(self, X: Any, y: Ints) -> Plan:
        self.in_danger_indices = {}
        parts = []
        for code, wanted in self._wanted.items():
            if not wanted:
                continue
            rows = np.flatnonzero(y == code)
            others, m = count_others(X, y, rows, self.m_neighbors)
            at_border = np.flatnonzero((others >= m / 2) & (others < m))
            if not len(at_border):
                self._notice(f"{self._class(code)} has no row in danger, so it gets no rows")
                continue
            danger = rows[at_border]
            self.in_danger_indices[self._names[code]] = danger
            if self.kind == "borderline-1":
                near = self._near_some(X[rows], at_border, code)
                parts.append(self._lines(X, danger, rows, near, wanted, code))
            else:
                near = nearest_rows(X, danger, self.k_neighbors)[0][:, 1:]
                parts.append(self._lines(X, danger, np.arange(len(y)), near, wanted, code, labels=y))
        return Plan.adding(len(y), parts)


def count_others(X: Any, y: Ints, rows: Ints, neighbours: Any) -> tuple[NDArray[np.int64], int]:
    """How many of the neighbours of each of `rows` are of another class (q,), and of how many."""
    near = nearest_rows(X, rows, neighbours)[0][:, 1:]
    return (y[near] != y[rows][:, None]).sum(axis=1), near.shape[1]


CARD = {
    "lever": "resample",
    "name": "BorderlineSMOTE",
    "title": "SMOTE from the border of a class",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Han, Wang, Mao (2005), Borderline-SMOTE",
    "facts": {"kind": "over"},
}
