"""Calibration error over bins of equal weight."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics._expected_calibration_error import expected_calibration_error

__all__ = ["adaptive_calibration_error"]


def adaptive_calibration_error(
    y: ArrayLike, p: ArrayLike, *, n_bins: int = 15, sample_weight: ArrayLike | None = None
) -> float:
    """`expected_calibration_error` over bins that hold equal shares of the rows.

    When to use it: with a rare class, whose predictions crowd near zero where bins of equal width see only
    one number.

    Args:
        y: class positions (n,).
        p: probabilities (n,) of the positive class, or (n, K).
        n_bins: how many bins.
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1], always defined.

    >>> round(adaptive_calibration_error([0, 0, 0, 1], [0.01, 0.02, 0.03, 0.04], n_bins=2), 4)
    0.24

    Source: Nguyen & O'Connor (2015), Posterior calibration and exploratory analysis for natural language
    processing models.
    """
    return expected_calibration_error(y, p, n_bins=n_bins, binning="adaptive", sample_weight=sample_weight)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Predicting the prior itself is perfectly calibrated."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "adaptive_calibration_error",
    "title": "Calibration error over bins of equal weight",
    "seeds": ["012"],
    "needs": ["probabilities"],
    "since": "0.1",
    "status": "claimed",
    "source": "Nguyen & O'Connor (2015), Posterior calibration and exploratory analysis",
    "facts": {
        "label": "calibration error, equal-weight bins",
        "aliases": ["ace"],
        "takes": "probabilities",
        "direction": "min",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
