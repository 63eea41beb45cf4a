"""Repeat rows whose target is rare."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.resample.plan import Ints
from steelyard.resample.regression import Amount, RegressionSampler

__all__ = ["RandomOverRegression"]


class RandomOverRegression(RegressionSampler):
    r"""Repeat rows of the rare ranges of a numeric target; normal ranges stay.

    When to use it: as the plain control for every sampler that makes rows with new targets. "balance" brings
    all rare ranges together to the size of the normal ones, "extreme" a range of :math:`m` rows to
    :math:`\bar n^2 / m` with :math:`\bar n` the mean size of the normal ranges.

    Args:
        sampling_strategy: "balance", "extreme" or one factor a range, ascending.
        relevance: a `steelyard.data.Relevance`, control points for one, or None for the box plot's extremes.
        threshold: relevance from which a value is rare.
        random_state: seed of the draws.

    Raises:
        UsageError: an option out of range, or another number of factors than ranges.
        DataError: no target is rare, or all are.

    >>> y = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 30])
    >>> sampler = RandomOverRegression(random_state=0)
    >>> sampler.fit_resample(y.reshape(-1, 1), y)[1][10:].tolist(), sampler.prior_.counts.tolist()
    ([8.0, 9.0, 30.0, 30.0], [7.0, 7.0])

    Source: Branco, Torgo, Ribeiro (2019), Pre-processing approaches for imbalanced distributions in
    regression.
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
        normal = sizes[~rare]
        wanted = (
            normal.sum() / rare.sum() if self.sampling_strategy == "balance" else normal.mean() ** 2 / sizes
        )
        return np.where(rare, np.maximum(wanted / sizes, 1.0), 1.0)

    def _grow(self, X: Any, y: Any, rows: Ints, starts: Ints, random_state: Any) -> None:
        """Rows are repeated, not made."""


CARD = {
    "lever": "resample",
    "name": "RandomOverRegression",
    "title": "random over-sampling for regression",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Branco, Torgo, Ribeiro (2019), Pre-processing approaches for imbalanced distributions in regression",
    "facts": {"kind": "regression", "target": "numbers"},
}
