"""A minority weight on the way from none to balanced and beyond."""

from __future__ import annotations

from functools import partial

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.weights.scaling import mean_one, occupied

__all__ = ["minority_weight"]


def minority_weight(fraction: float = 1.0, *, scaled: bool = True) -> Weighting:
    r"""Interpolate between equal weights (0) and balanced weights (1), or go beyond (above 1).

    When to use it: as one tunable number for "how much class weight", for instance over 0, 0.25, …, 1.25.

    :math:`w_k \propto 1 + f (n_{\max} / n_k - 1)`: the largest class stands at 1, the smallest of two
    classes at :math:`1 + f (IR - 1)` with the imbalance ratio IR.

    Args:
        fraction: f, at least 0.
        scaled: average one over the training rows as every weighting does; False leaves the largest class
            at 1, as the published grid does.

    Returns:
        A weighting: prior -> class weights (K,); 0 for a class without rows.

    Raises:
        UsageError: a negative fraction.

    >>> prior = Prior.of([0] * 9 + [1])
    >>> [minority_weight(f, scaled=False)(prior).tolist()[1] for f in (0, 0.25, 0.5, 0.75, 1, 1.25)]
    [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]

    Source: Abdelhamid, Desai (2024), Balancing the Scales: A Comprehensive Study on Tackling Class
    Imbalance in Binary Classification; the interpolation is our reading of its grid.
    """
    if not 0 <= fraction < float("inf"):
        raise UsageError(f"fraction is {fraction}, expected a number of at least 0; 1 means balanced")

    return partial(_weigh, fraction, scaled)


def _weigh(fraction: float, scaled: bool, prior: Prior) -> Floats:
    raw = 1 + fraction * (prior.counts.max() / occupied(prior) - 1)
    return mean_one(raw, prior) if scaled else raw * (prior.counts > 0)


CARD = {
    "lever": "weights",
    "name": "minority_weight",
    "title": "Minority weight between none and balanced",
    "seeds": ["001"],
    "needs": [],
    "example": {"fraction": 0.5},
    "since": "0.1",
    "status": "claimed",
    "source": "Abdelhamid, Desai (2024), Balancing the Scales",
    "facts": {},
}
