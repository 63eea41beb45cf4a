"""Make rows with a rare target by adding noise to rows and targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.resample.plan import Ints, Made, between
from steelyard.resample.regression import Amount, RegressionSampler, check_spread

__all__ = ["GaussianNoiseRegression", "noisy"]


class GaussianNoiseRegression(RegressionSampler):
    r"""Make rows near rows of the small ranges of a numeric target, and thin out the large ranges.

    When to use it: as a simple alternative to SMOTER that needs no neighbours. To every column and to the
    target of a drawn row comes normal noise of standard deviation :math:`\delta\, \sigma_j`, :math:`\sigma_j`
    being that of the column (or target) among the rows of the range.

    Args:
        sampling_strategy: "balance", "extreme" or one factor a range, ascending.
        relevance: a `steelyard.data.Relevance`, control points for one, or None for the box plot's extremes.
        threshold: relevance from which a value is rare.
        perturbation: the share :math:`\delta` of a standard deviation.
        random_state: seed of the draws.

    Raises:
        UsageError: an option out of range, or another number of factors than ranges.
        DataError: no target is rare, or all are.
        ValueError: missing values or columns that are no numbers.

    >>> y = np.array([1.0, 2, 3, 4, 5, 6, 7, 28, 29, 30])
    >>> sampler = GaussianNoiseRegression(relevance=[(7, 0), (28, 1)], random_state=0)
    >>> targets = sampler.fit_resample(y.reshape(-1, 1), y)[1]
    >>> sampler.factors_.round(2).tolist(), targets[-2:].round(1).tolist()
    ([0.71, 1.67], [30.0, 28.0])

    Source: Branco, Ribeiro, Torgo (2016), UBL: an R package for utility-based learning.
    """

    _takes_sparse = False

    def __init__(
        self,
        *,
        sampling_strategy: Amount = "balance",
        relevance: Any = None,
        threshold: float = 0.5,
        perturbation: float = 0.1,
        random_state: Any = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.relevance = relevance
        self.threshold = threshold
        self.perturbation = perturbation
        self.random_state = random_state

    def _check_options(self) -> None:
        super()._check_options()
        check_spread(self.perturbation, "perturbation")

    def _grow(
        self, X: Any, y: NDArray[Any], rows: Ints, starts: Ints, random_state: np.random.RandomState
    ) -> Made:
        return noisy(X, y, rows, starts, np.full(len(starts), self.perturbation), random_state)


def noisy(
    X: Any, y: NDArray[Any], rows: Ints, starts: Ints, spread: Floats, random_state: np.random.RandomState
) -> Made:
    """The rows `starts` with noise of `spread` (m,) times the standard deviations among `rows`."""
    both = np.column_stack([X[rows], y[rows]]).astype(float)
    deviation = both.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(both.shape[1])
    noise = random_state.standard_normal((len(starts), both.shape[1])) * deviation * spread[:, None]
    made = (X[starts] + noise[:, :-1]).astype(X.dtype, copy=False)
    line = between(made, 0, starts, starts, np.zeros(len(starts)), len(X))
    return Made(made, y[starts] + noise[:, -1], starts, line.parents)


CARD = {
    "lever": "resample",
    "name": "GaussianNoiseRegression",
    "title": "over-sampling with Gaussian noise for regression",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Branco, Ribeiro, Torgo (2016), UBL: an R package for utility-based learning",
    "facts": {"kind": "regression", "target": "numbers"},
}
