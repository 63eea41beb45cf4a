"""Edited nearest neighbours with a growing neighbourhood."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from steelyard.resample.agreement import Agreement
from steelyard.resample.base import BaseSampler
from steelyard.resample.edited_nearest_neighbours import by_class, check_kind
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.repeated_edited_nearest_neighbours import exhausted, rarest_by_appearance
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["AllKNN"]


class AllKNN(BaseSampler):
    """Apply edited nearest neighbours with 1, 2, … `n_neighbors` neighbours in turn.

    When to use it: as a stronger `EditedNearestNeighbours` that starts at the very border. It stops early when
    a class falls below the size the rarest had at the start (unless `allow_minority`), or is gone.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        n_neighbors: the largest neighbourhood, or an unfitted neighbour search (of one more).
        kind_sel: "all" or "mode".
        allow_minority: go on when another class has become smaller than the rarest.
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [3.9], [4.2], [4.3], [9.0]])
    >>> AllKNN(n_neighbors=2).fit_resample(X, [0, 0, 0, 0, 0, 1, 1, 1])[0].ravel().tolist()
    [0.0, 1.0, 2.0, 4.2, 4.3, 9.0]

    Source: Tomek (1976), An experiment with the edited nearest-neighbor rule.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        n_neighbors: Any = 3,
        kind_sel: str = "all",
        allow_minority: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.allow_minority = allow_minority
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")
        check_kind(self.kind_sel)

    def _plan(self, X: Any, y: Ints) -> Plan:
        rows, before, rare = np.arange(len(y)), np.bincount(y), rarest_by_appearance(y)
        asked = range(1, check_neighbours(self.n_neighbors, "n_neighbors") + 1)
        agreement = Agreement(X, y, asked, kind=self.kind_sel, n_jobs=self.n_jobs)
        for k in asked:
            now = y[rows]
            keep = agreement.ask(rows, k, self._targets_now(now))
            rows = rows[by_class(now, keep)]
            if exhausted(y[rows], before, rare, allow_minority=self.allow_minority):
                break
        return Plan.keeping(len(y), rows)


CARD = {
    "lever": "resample",
    "name": "AllKNN",
    "title": "edited nearest neighbours with a growing neighbourhood",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Tomek (1976), An experiment with the edited nearest-neighbor rule",
    "facts": {"kind": "clean"},
}
