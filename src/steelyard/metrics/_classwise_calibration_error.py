"""Calibration error of every class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.calibration import Binning, binned
from steelyard.metrics.rows import probable

__all__ = ["calibration_error_by_class", "classwise_calibration_error"]


def calibration_error_by_class(
    y: ArrayLike,
    p: ArrayLike,
    *,
    n_bins: int = 15,
    binning: Binning = "static",
    sample_weight: ArrayLike | None = None,
) -> Floats:
    """The calibration error of each class's own probability column against the rest: (K,).

    >>> calibration_error_by_class([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2).round(4).tolist()
    [0.25, 0.25]
    """
    rows = probable(y, p, sample_weight)
    columns = range(rows.values.shape[1])
    return np.array(
        [binned(rows.y == k, rows.values[:, k], rows.weight, n_bins, binning).gap for k in columns]
    )


def classwise_calibration_error(
    y: ArrayLike,
    p: ArrayLike,
    *,
    n_bins: int = 15,
    binning: Binning = "static",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""The mean over classes of the calibration error of each class's own probability.

    When to use it: with many classes, where the calibration of the most probable class alone hides the rare
    ones.

    .. math:: \frac1K \sum_k \mathrm{ECE}(p_{\cdot k}, [y = k])

    Args:
        y: class positions (n,).
        p: probabilities (n,) of the positive class, or (n, K); a class absent from `y` still counts, its
            observed frequency being 0.
        n_bins: how many bins.
        binning: "static" (equal width) or "adaptive" (equal weight).
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1], always defined.

    Raises:
        UsageError: fewer than one bin, or an unknown binning.

    >>> round(classwise_calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2), 4)
    0.25

    Source: Kull et al. (2019), Beyond temperature scaling.
    """
    return float(
        calibration_error_by_class(y, p, n_bins=n_bins, binning=binning, sample_weight=sample_weight).mean()
    )


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Predicting the prior itself is perfectly calibrated."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "classwise_calibration_error",
    "title": "Calibration error averaged over classes",
    "seeds": ["012"],
    "needs": ["probabilities"],
    "since": "0.1",
    "status": "claimed",
    "source": "Kull et al. (2019), Beyond temperature scaling",
    "facts": {
        "label": "class-wise calibration error",
        "aliases": ["classwise_ece", "cwece"],
        "takes": "probabilities",
        "direction": "min",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
