"""Class weights from the effective number of samples."""

from __future__ import annotations

from functools import partial

import numpy as np

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.weights.scaling import mean_one, occupied

__all__ = ["effective_number"]


def effective_number(beta: float = 0.999) -> Weighting:
    r"""Weigh every class by the inverse of its effective number of samples.

    When to use it: long tails, where rows of a big class repeat each other. `beta` moves from no
    weighting (0) to inverse frequency (towards 1); near the count :math:`1/(1-\beta)` a class saturates.

    :math:`w_k \propto (1 - \beta) / (1 - \beta^{n_k})`.

    Args:
        beta: from 0 (included) to 1 (excluded); common values are 0.9, 0.99, 0.999, 0.9999.

    Returns:
        A weighting: prior -> class weights (K,) that average one over the rows; 0 for a class without rows.

    Raises:
        UsageError: beta outside [0, 1).

    >>> effective_number(0.5)(Prior.of([0, 0, 1])).round(4).tolist()  # raw weights 2/3 and 1
    [0.8571, 1.2857]

    Source: Cui, Jia, Lin, Song, Belongie (2019), Class-Balanced Loss Based on Effective Number of Samples.
    """
    if not 0 <= beta < 1:
        raise UsageError(f"beta is {beta}, expected a number from 0 up to but not including 1; try 0.999")

    return partial(_weigh, beta)


def _weigh(beta: float, prior: Prior) -> Floats:
    if beta == 0:
        return mean_one(np.ones(prior.n_classes), prior)
    # expm1 keeps the digits that 1 - beta**n loses when beta is close to one
    missing = -np.expm1(occupied(prior) * np.log1p(beta - 1))
    return mean_one((1 - beta) / missing, prior)


CARD = {
    "lever": "weights",
    "name": "effective_number",
    "title": "Effective number of samples weights (class-balanced)",
    "seeds": ["022", "067", "071", "079"],
    "needs": [],
    "example": {"beta": 0.999},
    "since": "0.1",
    "status": "claimed",
    "source": "Cui et al. (2019), Class-Balanced Loss Based on Effective Number of Samples",
    "facts": {},
}
