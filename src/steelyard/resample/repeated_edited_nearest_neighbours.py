"""Edited nearest neighbours again and again."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from steelyard.resample.agreement import Agreement
from steelyard.resample.base import BaseSampler, positive_integer
from steelyard.resample.edited_nearest_neighbours import by_class, check_kind
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["RepeatedEditedNearestNeighbours"]


class RepeatedEditedNearestNeighbours(BaseSampler):
    """Apply edited nearest neighbours until nothing changes.

    When to use it: where one pass of `EditedNearestNeighbours` leaves a ragged border. It also stops after
    `max_iter` passes, when a class falls below the size the rarest had at the start, or when a class is gone.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        n_neighbors: neighbours to look at, or an unfitted neighbour search (of one more, the row itself).
        max_iter: most passes.
        kind_sel: "all" or "mode".
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [0.5], [1.0], [2.0], [3.0], [3.9], [4.2], [4.3]])
    >>> sampler = RepeatedEditedNearestNeighbours(n_neighbors=2)
    >>> sampler.fit_resample(X, [0, 0, 0, 0, 0, 0, 1, 1])[0].ravel().tolist(), sampler.n_iter_
    ([0.0, 0.5, 1.0, 2.0, 4.2, 4.3], 3)

    Source: Tomek (1976), An experiment with the edited nearest-neighbor rule.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        n_neighbors: Any = 3,
        max_iter: int = 100,
        kind_sel: str = "all",
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.max_iter = max_iter
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")
        check_kind(self.kind_sel)
        positive_integer(self.max_iter, "max_iter")

    def _plan(self, X: Any, y: Ints) -> Plan:
        rows, before, rare = np.arange(len(y)), np.bincount(y), rarest_by_appearance(y)
        asked = [check_neighbours(self.n_neighbors, "n_neighbors")]
        agreement = Agreement(X, y, asked, kind=self.kind_sel, n_jobs=self.n_jobs)
        for turn in range(self.max_iter):
            now = y[rows]
            keep = agreement.ask(rows, self.n_neighbors, self._targets_now(now))
            rows = rows[by_class(now, keep)]
            self.n_iter_ = turn + 1
            if keep.all() or exhausted(y[rows], before, rare):
                break
        return Plan.keeping(len(y), rows)


def rarest_by_appearance(y: Ints) -> int:
    """The smallest class; among equally small ones the first to appear, as imbalanced-learn counts."""
    codes, first, counts = np.unique(y, return_index=True, return_counts=True)
    return int(codes[np.lexsort((first, counts))[0]])


def exhausted(y: Ints, before: Ints, rare: int, *, allow_minority: bool = False) -> bool:
    """Whether a class is gone, or another than the rarest has become smaller than that was."""
    after = np.bincount(y, minlength=len(before))
    small = np.delete(after, rare) < before[rare]
    return bool((after == 0).any() or (small.any() and not allow_minority))


CARD = {
    "lever": "resample",
    "name": "RepeatedEditedNearestNeighbours",
    "title": "repeated edited nearest neighbours",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Tomek (1976), An experiment with the edited nearest-neighbor rule",
    "facts": {"kind": "clean"},
}
