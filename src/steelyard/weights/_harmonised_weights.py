"""Row weights that give every level of hardness the same say."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, RowWeighting, UsageError
from steelyard.weights.row_scaling import hardness, mean_one_rows

__all__ = ["harmonised_weights"]


def harmonised_weights(bins: int = 10) -> RowWeighting:
    r"""Weigh every row by the inverse number of rows that are as hard.

    When to use it: to hold back the mass of easy rows without letting the few hardest, often label errors,
    take over: levels of hardness count alike.

    Hardness :math:`h_i = 1 - p_{i, y_i}` is cut into `bins` equal intervals of [0, 1]; a row in an interval of
    :math:`n_b` rows weighs :math:`w_i \propto 1 / n_b`.

    Args:
        bins: number of intervals, at least 1; 1 weighs all rows alike.

    Returns:
        A row weighting: held-out probabilities (n, K), class positions (n,) -> weights (n,) that average one.

    Raises:
        UsageError: fewer than one interval.

    >>> p = np.array([[0.95, 0.05], [0.95, 0.05], [0.95, 0.05], [0.3, 0.7]])
    >>> harmonised_weights(10)(p, np.zeros(4, dtype=int)).round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]

    Source: Li, Liu, Wang (2019), Gradient Harmonized Single-Stage Detector.
    """
    if isinstance(bins, bool) or int(bins) != bins or bins < 1:
        raise UsageError(f"bins is {bins!r}, expected a whole number of at least 1; try 10")

    return partial(_weigh, int(bins))


def _weigh(bins: int, p: Floats, y: NDArray[np.int64]) -> Floats:
    level = np.minimum((hardness(p, y) * bins).astype(np.int64), bins - 1)
    return mean_one_rows(1 / np.bincount(level)[level])


CARD = {
    "lever": "weights",
    "name": "harmonised_weights",
    "title": "Hardness-harmonised row weights",
    "seeds": ["021"],
    "needs": ["probabilities"],
    "example": {"bins": 10},
    "since": "0.1",
    "status": "experimental",
    "source": "Li, Liu, Wang (2019), Gradient Harmonized Single-Stage Detector",
    "facts": {"takes": "probabilities"},
}
