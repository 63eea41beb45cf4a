"""Class weights as a power of the odds against a class."""

from __future__ import annotations

from functools import partial

import numpy as np

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.weights.scaling import mean_one, occupied

__all__ = ["odds_power"]


def odds_power(power: float = 0.3) -> Weighting:
    r"""Weigh every class by a power of the odds against it.

    When to use it: many labels with softened weights; 0 weighs nothing, 1 weighs by the full odds.

    :math:`w_k \propto ((1 - \pi_k) / \pi_k)^{\text{power}}`.

    Args:
        power: at least 0.

    Returns:
        A weighting: prior -> class weights (K,) that average one over the rows; 0 for a class without rows.

    Raises:
        UsageError: a negative power.
        DataError: only one class has rows, so there are no odds.

    >>> odds_power(0.5)(Prior.of([0] * 9 + [1])).round(4).tolist()  # odds 1/9 and 9, roots 1/3 and 3
    [0.5556, 5.0]

    Source: Li et al. (2024), MERTech: Instrument Playing Technique Detection Using Self-Supervised Pretrained
    Model With Multi-Task Finetuning.
    """
    if not 0 <= power < np.inf:
        raise UsageError(f"power is {power}, expected a number of at least 0; try 0.3")

    return partial(_weigh, power)


def _weigh(power: float, prior: Prior) -> Floats:
    share = occupied(prior) / prior.total
    return mean_one(((1 - np.minimum(share, 1)) / share) ** power, prior)


CARD = {
    "lever": "weights",
    "name": "odds_power",
    "title": "Power of the class odds weights",
    "seeds": ["046"],
    "needs": [],
    "example": {"power": 0.3},
    "since": "0.1",
    "status": "claimed",
    "source": "Li et al. (2024), MERTech",
    "facts": {},
}
