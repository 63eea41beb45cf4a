"""Class weights inverse to the class frequencies."""

from __future__ import annotations

from steelyard.core import Weighting
from steelyard.weights._inverse_power import inverse_power

__all__ = ["inverse"]


def inverse() -> Weighting:
    r"""Weigh every class by the inverse of its count, so that all classes carry the same total weight.

    When to use it: the usual "balanced" class weights. The learner then sees a uniform prior, so its
    probabilities must be corrected afterwards (`decide.PriorCorrection`).

    :math:`w_k = N / (K n_k)` with :math:`N` rows and :math:`K` classes that have rows.

    Returns:
        A weighting: prior -> class weights (K,) that average one over the rows; 0 for a class without rows.

    >>> from steelyard import Prior
    >>> inverse()(Prior.of([0] * 9 + [1])).tolist()
    [0.5555555555555556, 5.0]

    Source: King, Zeng (2001), Logistic Regression in Rare Events Data.
    """
    return inverse_power(1.0)


CARD = {
    "lever": "weights",
    "name": "inverse",
    "title": "Inverse class frequency weights (balanced)",
    "seeds": ["001", "014", "039"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "King, Zeng (2001), Logistic Regression in Rare Events Data",
    "facts": {"arm": {"kind": "weights", "rank": 2, "label": "class weights"}},
}
