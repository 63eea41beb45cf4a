"""SMOTE that stays near the rows with company."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from steelyard.core import Floats
from steelyard.resample.borderline_smote import count_others
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.per_class import PerClassSampler
from steelyard.resample.plan import Ints, Made, between, is_sparse
from steelyard.resample.search import neighbours_within
from steelyard.resample.strategy import Strategy

__all__ = ["SafeLevelSMOTE"]


class SafeLevelSMOTE(PerClassSampler):
    r"""Make rows as SMOTE does, nearer to whichever end has more rows of its class around it.

    When to use it: when stray rows of the rare class lie among others, where SMOTE would draw lines across.

    The safe level :math:`s` of a row is the number of its own class among its `m_neighbors` nearest rows. From row
    :math:`p` towards :math:`n`, one of its `k_neighbors` nearest of the class, each column takes a step of its own,
    uniform in

    - :math:`[0, s_n / s_p]` if :math:`s_p \ge s_n` (so p is repeated when :math:`s_n = 0`),
    - :math:`[1 - s_p / s_n, 1]` if :math:`s_p < s_n`.

    Pairs with two safe levels of zero are noise and left out; a class of such pairs alone gets no rows, and
    `notices_` says so. A made row's parents share by the mean of its steps.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed.
        k_neighbors: neighbours to go to, or an unfitted neighbour search (of one more).
        m_neighbors: neighbours that make the safe level, or an unfitted neighbour search (of one more).

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [3.1], [8.0], [8.5], [9.0]])
    >>> sampler = SafeLevelSMOTE(random_state=0, k_neighbors=1, m_neighbors=2)
    >>> rows, y = sampler.fit_resample(X, [0, 0, 0, 1, 0, 1, 1, 0])
    >>> bool((rows[8:] >= 8).all())
    True

    Source: Bunkhumpornpat, Sinapiromsaran, Lursinsap (2009), Safe-Level-SMOTE.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 5,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors

    def _check_options(self) -> None:
        check_neighbours(self.k_neighbors, "k_neighbors")
        check_neighbours(self.m_neighbors, "m_neighbors")

    def _make(
        self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState
    ) -> Made | None:
        code = int(y[rows[0]])
        near, k = neighbours_within(X[rows], self.k_neighbors)
        if near.shape[1] < k:
            self._notice(f"{self._class(code)} has {len(rows)} rows, too few for {k} neighbours")
        others, m = count_others(X, y, rows, self.m_neighbors)
        first, second = np.repeat(np.arange(len(rows)), near.shape[1]), near.reshape(-1)
        safe = m - others
        company = np.flatnonzero((safe[first] > 0) | (safe[second] > 0))
        if not len(company):
            self._notice(f"{self._class(code)} has no row with company, so it gets no rows")
            return None
        pair = company[random_state.randint(len(company), size=wanted)]
        low, high = _bounds(safe[first[pair]], safe[second[pair]])
        step = random_state.uniform(low[:, None], high[:, None], size=(wanted, X.shape[1]))
        start, end = rows[first[pair]], rows[second[pair]]
        return between(_stepped(X, start, end, step), code, start, end, step.mean(axis=1), len(y))


def _bounds(safe_p: Ints, safe_n: Ints) -> tuple[Floats, Floats]:
    """The least and the largest step from p towards n."""
    most = np.maximum(np.maximum(safe_p, safe_n), 1)
    width = np.minimum(safe_p, safe_n) / most
    low = np.where(safe_p < safe_n, 1 - width, 0.0)
    return low, low + width


def _stepped(X: Any, first: Ints, second: Ints, step: Floats) -> Any:
    """The rows X[first] + step * (X[second] - X[first]), one step a column."""
    away = X[second] - X[first]
    if is_sparse(X):
        return sparse.csr_matrix(X[first] + away.multiply(step))
    return X[first] + step * away


CARD = {
    "lever": "resample",
    "name": "SafeLevelSMOTE",
    "title": "SMOTE nearer to the safer end",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Bunkhumpornpat, Sinapiromsaran, Lursinsap (2009), Safe-Level-SMOTE",
    "facts": {
        "kind": "over",
        "arm": {
            "kind": "resampler",
            "rank": 5,
            "label": "safe-level SMOTE",
            "encoding": "linear",
            "default": False,
        },
    },
}
