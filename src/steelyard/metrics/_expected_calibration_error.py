"""Expected calibration error."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics.calibration import Binning, binned
from steelyard.metrics.rows import probable

__all__ = ["expected_calibration_error"]


def expected_calibration_error(
    y: ArrayLike,
    p: ArrayLike,
    *,
    n_bins: int = 15,
    binning: Binning = "static",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""The mean distance between predicted and observed frequency over bins of the prediction.

    When to use it: to see whether 10 % means 10 %. It says nothing about ranking (predicting the prior earns
    0), it is biased upwards in small samples, and with a rare class static bins of equal width put nearly all
    rows into the first bin: see `adaptive_calibration_error`.

    .. math:: \sum_b \frac{w_b}{w} \left| \bar p_b - \bar y_b \right|

    For two classes p is the probability of position 1; for more it is that of the most probable class, and y
    whether that class is the true one (see `classwise_calibration_error` for all classes).

    Args:
        y: class positions (n,).
        p: probabilities (n,) of the positive class, or (n, K).
        n_bins: how many bins.
        binning: "static" (equal width) or "adaptive" (equal weight).
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1], always defined.

    Raises:
        UsageError: fewer than one bin, or an unknown binning.

    >>> round(expected_calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2), 4)
    0.25

    Source: Naeini et al. (2015), Obtaining well calibrated probabilities using Bayesian binning; Guo et al.
    (2017), On calibration of modern neural networks.
    """
    rows = probable(y, p, sample_weight)
    if rows.values.shape[1] == 2:
        return binned(rows.y, rows.values[:, 1], rows.weight, n_bins, binning).gap
    top = rows.values.argmax(axis=1)
    return binned(top == rows.y, rows.values.max(axis=1), rows.weight, n_bins, binning).gap


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Predicting the prior itself is perfectly calibrated."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "expected_calibration_error",
    "title": "Expected calibration error (bins of equal width)",
    "seeds": ["012", "016"],
    "needs": ["probabilities"],
    "since": "0.1",
    "status": "claimed",
    "source": "Guo et al. (2017), On calibration of modern neural networks",
    "facts": {
        "label": "calibration error",
        "aliases": ["ece"],
        "takes": "probabilities",
        "direction": "min",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
