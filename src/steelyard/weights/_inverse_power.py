"""Class weights as a power of the inverse class frequencies."""

from __future__ import annotations

from functools import partial

import numpy as np

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.weights.scaling import mean_one, occupied

__all__ = ["inverse_power"]


def inverse_power(power: float = 0.5) -> Weighting:
    r"""Weigh every class by a power of its inverse frequency.

    When to use it: as one tunable number for "how much class weight", evenly spaced in the logarithm: 0 is
    none, 0.5 the square root, 1 balanced, more goes beyond. `ClassWeightSearchCV` searches it.

    :math:`w_k \propto n_k^{-\text{power}}`.

    Args:
        power: at least 0.

    Returns:
        A weighting: prior -> class weights (K,) that average one over the rows; 0 for a class without rows.

    Raises:
        UsageError: a negative power.

    >>> weights = [inverse_power(a)(Prior.of([0] * 16 + [1])) for a in (0, 0.25, 0.5, 1)]
    >>> [float(w[1] / w[0]) for w in weights]
    [1.0, 2.0, 4.0, 16.0]

    Source: Mahajan et al. (2018), Exploring the Limits of Weakly Supervised Pretraining (as a sampling rate).
    """
    if not 0 <= power < np.inf:
        raise UsageError(f"power is {power}, expected a number of at least 0; 1 means balanced")

    return partial(_weigh, power)


def _weigh(power: float, prior: Prior) -> Floats:
    return mean_one((1 / occupied(prior)) ** power, prior)


CARD = {
    "lever": "weights",
    "name": "inverse_power",
    "title": "Power of the inverse class frequency weights",
    "seeds": ["001", "009", "105"],
    "needs": [],
    "example": {"power": 0.25},
    "since": "0.1",
    "status": "claimed",
    "source": "Mahajan et al. (2018), Exploring the Limits of Weakly Supervised Pretraining",
    "facts": {},
}
