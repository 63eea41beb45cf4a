"""SMOGN: SMOTER where neighbours are near, noise where they are far."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_chunked

from steelyard.core import Floats
from steelyard.resample.gaussian_noise_regression import noisy
from steelyard.resample.plan import Ints, Made
from steelyard.resample.regression import Amount, check_spread
from steelyard.resample.smoter import SMOTER, interpolated

__all__ = ["SMOGN"]


class SMOGN(SMOTER):
    r"""Like SMOTER between rows that lie near each other; around a row without near ones make noise instead.

    When to use it: instead of SMOTER when the rare ranges are scattered, so that lines between their rows cross
    foreign ground. For every row of a range :math:`r` is half the median of its distances to the other rows of
    the range. A drawn neighbour nearer than :math:`r` is gone towards as in SMOTER; otherwise every column and
    the target get normal noise of :math:`\min(r, \delta)` standard deviations of the range.

    Args:
        sampling_strategy: "balance", "extreme" or one factor a range, ascending.
        relevance: a `steelyard.data.Relevance`, control points for one, or None for the box plot's extremes.
        threshold: relevance from which a value is rare.
        k_neighbors: neighbours to choose from.
        perturbation: the most noise :math:`\delta`, as a share of a standard deviation.
        random_state: seed of the draws.

    Raises:
        UsageError: an option out of range, or another number of factors than ranges.
        DataError: no target is rare, or all are.
        ValueError: missing values or columns that are no numbers.

    >>> y = np.array([1.0, 2, 3, 4, 5, 6, 7, 28, 29, 50])
    >>> sampler = SMOGN(relevance=[(7, 0), (28, 1)], k_neighbors=1, random_state=0)
    >>> targets = sampler.fit_resample(y.reshape(-1, 1), y)[1]
    >>> targets[-2:].round(1).tolist(), int(sampler.parents_[-2:].count_nonzero())
    ([28.4, 49.9], 3)

    Source: Branco, Torgo, Ribeiro (2017), SMOGN: a pre-processing approach for imbalanced regression.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Amount = "balance",
        relevance: Any = None,
        threshold: float = 0.5,
        k_neighbors: int = 5,
        perturbation: float = 0.02,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            relevance=relevance,
            threshold=threshold,
            k_neighbors=k_neighbors,
            random_state=random_state,
        )
        self.perturbation = perturbation

    def _check_options(self) -> None:
        super()._check_options()
        check_spread(self.perturbation, "perturbation")

    def _grow(
        self, X: Any, y: NDArray[Any], rows: Ints, starts: Ints, random_state: np.random.RandomState
    ) -> Made | None:
        far = self._partners(X, rows, starts, random_state)
        reach = safe_distances(X[rows])[np.searchsorted(rows, starts)]
        away = np.sqrt(((X[starts].astype(float) - X[far]) ** 2).sum(axis=1))
        near = away < reach
        step = random_state.uniform(size=int(near.sum()))
        spread = np.minimum(reach[~near], self.perturbation)
        parts = [
            interpolated(X, y, starts[near], far[near], step),
            noisy(X, y, rows, starts[~near], spread, random_state),
        ]
        return Made.joined([part for part in parts if len(part.codes)])


def safe_distances(members: NDArray[Any]) -> Floats:
    """Half the median distance of every row to the other rows (m,); 0 for a lone row.

    >>> safe_distances(np.array([[0.0], [1.0], [5.0]])).tolist()
    [1.5, 1.25, 2.25]
    """
    if len(members) == 1:
        return np.zeros(1)
    blocks = pairwise_distances_chunked(members.astype(float))
    # the row itself is the smallest of its distances, so it is sorted out rather than left out
    return np.concatenate([np.median(np.sort(block, axis=1)[:, 1:], axis=1) / 2 for block in blocks])


CARD = {
    "lever": "resample",
    "name": "SMOGN",
    "title": "SMOTER with Gaussian noise (SMOGN)",
    "seeds": [],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Branco, Torgo, Ribeiro (2017), SMOGN: a pre-processing approach for imbalanced regression",
    "facts": {"kind": "regression", "target": "numbers"},
}
