"""Draw rows whose target is common."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.resample.plan import Ints
from steelyard.resample.regression import Amount, RegressionSampler

__all__ = ["RandomUnderRegression"]


class RandomUnderRegression(RegressionSampler):
    r"""Keep a random part of the normal ranges of a numeric target; rare ranges stay.

    When to use it: the cheapest remedy for a model that misses the rare ends of its target. "balance" brings
    all normal ranges together to the size of the rare ones, "extreme" a range of :math:`m` rows to
    :math:`\bar n^2 / m` with :math:`\bar n` the mean size of the rare ranges.

    Args:
        sampling_strategy: "balance", "extreme" or one factor a range, ascending.
        relevance: a `steelyard.data.Relevance`, control points for one, or None for the box plot's extremes.
        threshold: relevance from which a value is rare.
        random_state: seed of the draws.

    Raises:
        UsageError: an option out of range, or another number of factors than ranges.
        DataError: no target is rare, or all are.

    >>> y = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 30])
    >>> sampler = RandomUnderRegression(random_state=0)
    >>> sampler.fit_resample(y.reshape(-1, 1), y)[1].tolist()
    [2.0, 3.0, 7.0, 8.0, 9.0, 30.0]

    Source: Torgo, Branco, Ribeiro, Pfahringer (2015), Resampling strategies for regression.
    """

    _takes_any_columns = True

    def __init__(
        self,
        *,
        sampling_strategy: Amount = "balance",
        relevance: Any = None,
        threshold: float = 0.5,
        random_state: Any = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.relevance = relevance
        self.threshold = threshold
        self.random_state = random_state

    def _factors(self, sizes: Ints, rare: NDArray[np.bool_]) -> Floats:
        if not isinstance(self.sampling_strategy, str):
            return self._given(len(sizes))
        few = sizes[rare]
        wanted = few.sum() / (~rare).sum() if self.sampling_strategy == "balance" else few.mean() ** 2 / sizes
        return np.where(rare, 1.0, np.minimum(wanted / sizes, 1.0))

    def _grow(self, X: Any, y: Any, rows: Ints, starts: Ints, random_state: Any) -> None:
        """Where a factor above 1 is given rows are repeated."""


CARD = {
    "lever": "resample",
    "name": "RandomUnderRegression",
    "title": "random under-sampling for regression",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Torgo, Branco, Ribeiro, Pfahringer (2015), Resampling strategies for regression",
    "facts": {"kind": "regression", "target": "numbers"},
}
