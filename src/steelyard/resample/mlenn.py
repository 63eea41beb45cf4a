"""MLeNN: drop rows of common labels whose neighbours carry other labels."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from steelyard.core import UsageError
from steelyard.resample.multilabel import MultiLabelSampler
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.search import nearest_rows
from steelyard.resample.strategy import Kind

__all__ = ["MLeNN"]


class MLeNN(MultiLabelSampler):
    r"""Drop a row without rare labels when at least half of its nearest rows carry quite other labels.

    When to use it: to thin out common labels where they lie among others. Two rows differ when the labels only
    one of them carries, divided by the labels of both,
    :math:`|L_a \triangle L_b| / (|L_a| + |L_b|)`, exceed `threshold`; 0 is the same set, 1 nothing in common,
    and two rows without labels are alike. Rows that carry a label with `irlbl` above `mean_ir` always stay.

    Args:
        n_neighbors: neighbours to look at.
        threshold: the difference from which two sets of labels count as different, in 0..1.
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        DataError: targets that are neither 0/1 columns nor a vector of classes.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([0.0, 1, 2, 3, 8, 9, 10, 11, 20]).reshape(-1, 1)
    >>> Y = np.array([[1, 0, 0]] * 3 + [[0, 1, 0]] * 5 + [[0, 0, 1]])
    >>> MLeNN().fit_resample(X, Y)[0].ravel().tolist()
    [0.0, 1.0, 2.0, 8.0, 9.0, 10.0, 11.0, 20.0]

    Source: Charte, Rivera, del Jesus, Herrera (2014), MLeNN: a first approach to heuristic multilabel
    undersampling.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(self, *, n_neighbors: int = 3, threshold: float = 0.75, n_jobs: int | None = None) -> None:
        self.n_neighbors = n_neighbors
        self.threshold = threshold
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_neighbours(self.n_neighbors, "n_neighbors")
        if not 0 <= self.threshold <= 1:
            raise UsageError(f"threshold={self.threshold!r} was given, expected a number from 0 to 1")

    def _plan(self, X: Any, y: Ints) -> Plan:
        rows = np.flatnonzero(~self._rare_anywhere(y))
        if self._nothing_rare() or not len(rows):
            return Plan.keeping(len(y), np.arange(len(y)))
        near = nearest_rows(X, rows, self.n_neighbors, n_jobs=self.n_jobs)[0][:, 1:]
        unlike = (difference(y[rows][:, None], y[near]) > self.threshold).sum(axis=1)
        gone = rows[unlike >= near.shape[1] / 2]
        return Plan.keeping(len(y), np.setdiff1d(np.arange(len(y)), gone))


def difference(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """The share of labels two sets do not have in common, along the last axis; 0 for two empty sets.

    >>> difference(np.array([1, 1, 0]), np.array([1, 0, 0])).round(3).tolist()
    0.333
    """
    apart = (one != other).sum(axis=-1)
    return np.asarray(apart / np.maximum(one.sum(axis=-1) + other.sum(axis=-1), 1))


CARD = {
    "lever": "resample",
    "name": "MLeNN",
    "title": "multi-label edited nearest neighbours (MLeNN)",
    "seeds": [],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Charte, Rivera, del Jesus, Herrera (2014), MLeNN: heuristic multilabel undersampling",
    "facts": {"kind": "multilabel"},
}
