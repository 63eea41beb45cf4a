"""MLSMOTE: make rows between near rows that share a rare label, and give them a set of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from steelyard.core import UsageError
from steelyard.resample.multilabel import MultiLabelSampler
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Made, Plan, between
from steelyard.resample.search import neighbours_within

__all__ = ["MLSMOTE"]

RULES = ("ranking", "union", "intersection")


class MLSMOTE(MultiLabelSampler):
    r"""For every row of every rare label make one row towards a near row that carries the label too.

    When to use it: numeric, scaled columns and labels that seldom stand on rows with common ones
    (`steelyard.data.scumble` below about 0.1). A new row is :math:`x_j + u_j (x'_j - x_j)` with a
    :math:`u_j \sim U(0, 1)` of its own for every column, :math:`x'` one of the `k_neighbors` nearest rows of
    the label. Its labels come from :math:`x` and all its neighbours: those more than half of them carry
    ("ranking"), any carries ("union") or all carry ("intersection").

    Rows are made from the rows that came in, never from made ones, and labels are rare when their `irlbl` lies
    above `mean_ir` of the rows that came in. In `parents_` the far parent has the mean of the :math:`u_j`. A
    label with no more than `k_neighbors` rows uses all its other rows, a single row is repeated; `notices_`
    says so.

    Args:
        k_neighbors: neighbours to choose from.
        labels: "ranking", "union" or "intersection".
        random_state: seed of the draws.

    Raises:
        UsageError: an option out of range.
        DataError: targets that are neither 0/1 columns nor a vector of classes.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.arange(12.0).reshape(-1, 1)
    >>> Y = np.array([[1, 0]] * 9 + [[1, 1]] + [[0, 1]] * 2)
    >>> rows, labels = MLSMOTE(k_neighbors=2, random_state=0).fit_resample(X, Y)
    >>> len(rows), labels[12:].tolist(), bool((rows[12:] >= 9).all())
    (15, [[0, 1], [0, 1], [0, 1]], True)

    Source: Charte, Rivera, del Jesus, Herrera (2015), MLSMOTE: approaching imbalanced multilabel learning
    through synthetic instance generation.
    """

    _takes_sparse = False

    def __init__(self, *, k_neighbors: int = 5, labels: str = "ranking", random_state: Any = None) -> None:
        self.k_neighbors = k_neighbors
        self.labels = labels
        self.random_state = random_state

    def _check_options(self) -> None:
        check_neighbours(self.k_neighbors, "k_neighbors")
        if self.labels not in RULES:
            raise UsageError(f"labels={self.labels!r} was given, expected one of {', '.join(RULES)}")

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        self._nothing_rare()
        parts = [self._grow(X, y, label, random_state) for label in self.rare_labels_.tolist()]
        return Plan.adding(len(y), parts)

    def _grow(self, X: Any, y: Ints, label: int, random_state: np.random.RandomState) -> Made:
        rows = np.flatnonzero(y[:, label])
        near, k = neighbours_within(X[rows], self.k_neighbors)
        if near.shape[1] < k:
            done = "it is repeated" if len(rows) == 1 else f"{near.shape[1]} neighbours are used"
            self._notice(f"label {label} stands on {len(rows)} rows, too few for {k} neighbours: {done}")
        far = rows[near[np.arange(len(rows)), random_state.randint(near.shape[1], size=len(rows))]]
        step = random_state.uniform(size=(len(rows), X.shape[1]))
        made = (X[rows] + step * (X[far] - X[rows])).astype(X.dtype, copy=False)
        line = between(made, 0, rows, far, step.mean(axis=1), len(X))
        return Made(made, self._label_sets(y[rows] + y[rows[near]].sum(axis=1), near), rows, line.parents)

    def _label_sets(self, carried: Ints, near: Ints) -> NDArray[Any]:
        """The labels of the made rows, from how many of each row and its neighbours carry them (m, L)."""
        voters = near.shape[1] + 1
        least = {"ranking": voters / 2 + 0.5, "union": 1, "intersection": voters}[self.labels]
        return np.asarray(carried >= least, dtype=np.int64)


CARD = {
    "lever": "resample",
    "name": "MLSMOTE",
    "title": "multi-label synthetic over-sampling (MLSMOTE)",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Charte, Rivera, del Jesus, Herrera (2015), MLSMOTE: approaching imbalanced multilabel learning",
    "facts": {"kind": "multilabel"},
}
