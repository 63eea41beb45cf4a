"""SMOTER: SMOTE for a numeric target."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Made, between
from steelyard.resample.regression import Amount, RegressionSampler
from steelyard.resample.search import neighbours_within
from steelyard.resample.smote import on_line

__all__ = ["SMOTER", "interpolated"]


class SMOTER(RegressionSampler):
    r"""Make rows, with targets, between near rows of the small ranges of a numeric target; thin out the large.

    When to use it: numeric, scaled columns and a model that misses the rare ends of its target. A new row is
    :math:`x + u (x' - x)` with :math:`u \sim U(0, 1)` and :math:`x'` one of the `k_neighbors` nearest rows
    of the same range; its target :math:`(1 - u)\, y + u\, y'` weighs both by how near they are.

    A range with no more than `k_neighbors` rows uses all its other rows as neighbours, a single row is
    repeated; `notices_` says so.

    Args:
        sampling_strategy: "balance", "extreme" or one factor a range, ascending.
        relevance: a `steelyard.data.Relevance`, control points for one, or None for the box plot's extremes.
        threshold: relevance from which a value is rare.
        k_neighbors: neighbours to choose from.
        random_state: seed of the draws.

    Raises:
        UsageError: an option out of range, or another number of factors than ranges.
        DataError: no target is rare, or all are.
        ValueError: missing values or columns that are no numbers.

    >>> y = np.array([1.0, 2, 3, 4, 5, 6, 7, 28, 29, 30])
    >>> sampler = SMOTER(relevance=[(7, 0), (28, 1)], random_state=0)
    >>> rows, targets = sampler.fit_resample(y.reshape(-1, 1), y)
    >>> len(targets), bool(np.allclose(rows[:, 0], targets)), sampler.prior_.counts.tolist()
    (10, True, [5.0, 5.0])

    Source: Torgo, Ribeiro, Pfahringer, Branco (2013), SMOTE for regression.
    """

    _takes_sparse = False

    def __init__(
        self,
        *,
        sampling_strategy: Amount = "balance",
        relevance: Any = None,
        threshold: float = 0.5,
        k_neighbors: int = 5,
        random_state: Any = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.relevance = relevance
        self.threshold = threshold
        self.k_neighbors = k_neighbors
        self.random_state = random_state

    def _check_options(self) -> None:
        super()._check_options()
        check_neighbours(self.k_neighbors, "k_neighbors")

    def _grow(
        self, X: Any, y: NDArray[Any], rows: Ints, starts: Ints, random_state: np.random.RandomState
    ) -> Made | None:
        far = self._partners(X, rows, starts, random_state)
        return interpolated(X, y, starts, far, random_state.uniform(size=len(starts)))

    def _partners(self, X: Any, rows: Ints, starts: Ints, random_state: np.random.RandomState) -> Ints:
        """One of the nearest rows of the range for every start."""
        near, k = neighbours_within(X[rows], self.k_neighbors)
        if near.shape[1] < k:
            done = "it is repeated" if len(rows) == 1 else f"{near.shape[1]} neighbours are used"
            self._notice(f"a range of the target has {len(rows)} rows, too few for {k} neighbours: {done}")
        place = np.searchsorted(rows, starts)
        return np.asarray(rows[near[place, random_state.randint(near.shape[1], size=len(starts))]])


def interpolated(X: Any, y: NDArray[Any], starts: Ints, far: Ints, step: Floats) -> Made:
    """Rows and targets at `step` of the way from `starts` to `far`."""
    line = between(on_line(X, starts, far, step), 0, starts, far, step, len(X))
    return Made(line.rows, (1 - step) * y[starts] + step * y[far], starts, line.parents)


CARD = {
    "lever": "resample",
    "name": "SMOTER",
    "title": "SMOTE for regression (SMOTER)",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Torgo, Ribeiro, Pfahringer, Branco (2013), SMOTE for regression",
    "facts": {"kind": "regression", "target": "numbers"},
}
