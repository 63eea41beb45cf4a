"""Row weights that grow with hardness: the focal factor as weights."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, RowWeighting, UsageError
from steelyard.weights.row_scaling import hardness, mean_one_rows

__all__ = ["hardness_weights"]


def hardness_weights(gamma: float = 1.0) -> RowWeighting:
    r"""Weigh every row by a power of the probability a model denied its true class.

    When to use it: for learners that take `sample_weight` but no loss of one's own, to spend less on rows that
    are told apart anyway; 1 weighs by hardness itself, 2 by the usual focal factor. The probabilities must be held
    out (`Weighted(..., rows=)` sees to that): of its own training rows a model denies nothing.

    :math:`w_i \propto (1 - p_{i, y_i})^\gamma`, the factor of the focal loss, fixed once instead of following
    the model. Label errors are the hardest rows of all and gain most.

    Args:
        gamma: at least 0; 0 weighs all rows alike.

    Returns:
        A row weighting: held-out probabilities (n, K), class positions (n,) -> weights (n,) that average one.

    Raises:
        UsageError: a negative power.

    >>> p = np.array([[0.9, 0.1], [0.6, 0.4]])
    >>> hardness_weights(2)(p, np.array([0, 0])).round(4).tolist()  # 0.01 and 0.16
    [0.1176, 1.8824]

    Source: Lin, Goyal, Girshick, He, Dollár (2017), Focal Loss for Dense Object Detection.
    """
    if not 0 <= gamma < np.inf:
        raise UsageError(f"gamma is {gamma}, expected a number of at least 0; try 1 or 2")

    return partial(_weigh, gamma)


def _weigh(gamma: float, p: Floats, y: NDArray[np.int64]) -> Floats:
    return mean_one_rows(hardness(p, y) ** gamma)


CARD = {
    "lever": "weights",
    "name": "hardness_weights",
    "title": "Hardness (focal) row weights",
    "seeds": ["021", "059"],
    "needs": ["probabilities"],
    "example": {"gamma": 2.0},
    "since": "0.1",
    "status": "experimental",
    "source": "Lin et al. (2017), Focal Loss for Dense Object Detection",
    "facts": {"takes": "probabilities"},
}
