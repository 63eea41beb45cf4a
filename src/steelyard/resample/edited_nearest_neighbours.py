"""Remove rows that their neighbours contradict."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from steelyard.core import UsageError
from steelyard.resample.agreement import agreeing
from steelyard.resample.base import BaseSampler
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["EditedNearestNeighbours"]


class EditedNearestNeighbours(BaseSampler):
    """Keep a row of the targeted classes only when its nearest rows are of its class.

    When to use it: to clear an overlapped border, alone or after SMOTE; on noisy labels it can remove a large
    part of the majority. A row is kept when all (`kind_sel="all"`) or most (`"mode"`) of its `n_neighbors`
    nearest other rows share its class; a draw under `"mode"` goes to the class that sorts first.

    The same rows are selected as by imbalanced-learn, ties included; see `docs/resampling.md` for how most
    rows are decided without a search.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        n_neighbors: neighbours to look at, or an unfitted neighbour search (of one more, the row itself).
        kind_sel: "all" or "mode".
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [8.0], [8.5], [9.0], [9.5]])
    >>> EditedNearestNeighbours().fit_resample(X, [0, 0, 0, 0, 1, 1, 0, 1])[0].ravel().tolist()
    [0.0, 1.0, 2.0, 3.0, 8.0, 8.5, 9.5]

    Source: Wilson (1972), Asymptotic properties of nearest neighbor rules using edited data.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        n_neighbors: Any = 3,
        kind_sel: str = "all",
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")
        check_kind(self.kind_sel)

    def _plan(self, X: Any, y: Ints) -> Plan:
        keep = agreeing(X, y, self.n_neighbors, list(self._wanted), kind=self.kind_sel, n_jobs=self.n_jobs)
        return Plan.keeping(len(y), by_class(y, keep))


def by_class(y: Ints, keep: NDArray[np.bool_]) -> Ints:
    """Positions of the rows to keep, class after class: the order imbalanced-learn gives them."""
    rows = np.flatnonzero(keep)
    return rows[np.argsort(y[rows], kind="stable")]


def check_kind(kind: str) -> None:
    """Raise a UsageError unless `kind` is one of the two rules."""
    if kind not in ("all", "mode"):
        raise UsageError(f"kind_sel={kind!r} was given, expected 'all' or 'mode'")


CARD = {
    "lever": "resample",
    "name": "EditedNearestNeighbours",
    "title": "edited nearest neighbours",
    "seeds": ["012"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Wilson (1972), Asymptotic properties of nearest neighbor rules using edited data",
    "facts": {"kind": "clean"},
}
