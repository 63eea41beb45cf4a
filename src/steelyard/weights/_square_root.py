"""Class weights inverse to the square root of the class frequencies."""

from __future__ import annotations

from steelyard.core import Weighting
from steelyard.weights._inverse_power import inverse_power

__all__ = ["square_root"]


def square_root() -> Weighting:
    r"""Weigh every class by the inverse square root of its count: half-way between nothing and balanced.

    When to use it: when balanced weights make a learner chase a handful of rows (long tails).

    :math:`w_k \propto n_k^{-1/2}`.

    Returns:
        A weighting: prior -> class weights (K,) that average one over the rows; 0 for a class without rows.

    >>> from steelyard import Prior
    >>> square_root()(Prior.of([0] * 9 + [1])).tolist()
    [0.8333333333333333, 2.5]

    Source: Mahajan et al. (2018), Exploring the Limits of Weakly Supervised Pretraining (as a sampling rate).
    """
    return inverse_power(0.5)


CARD = {
    "lever": "weights",
    "name": "square_root",
    "title": "Inverse square-root class frequency weights",
    "seeds": ["009", "105"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Mahajan et al. (2018), Exploring the Limits of Weakly Supervised Pretraining",
    "facts": {"arm": {"kind": "weights", "rank": 2, "label": "square-root class weights", "default": False}},
}
