"""Predicted against observed frequencies, bin by bin."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, UsageError
from steelyard.metrics.rows import probable

__all__ = ["Binning", "CalibrationBins", "calibration_bins"]

Binning: TypeAlias = Literal["static", "adaptive"]
"""Bins of equal width, or of equal weight."""


class CalibrationBins(NamedTuple):
    """The bins that hold rows, by rising prediction: mean prediction, observed frequency, weight."""

    predicted: Floats
    observed: Floats
    weight: Floats

    @property
    def gap(self) -> float:
        """The weighted mean distance between prediction and observation."""
        return float(np.abs(self.predicted - self.observed) @ self.weight / self.weight.sum())


def calibration_bins(
    outcome: ArrayLike,
    predicted: ArrayLike,
    *,
    n_bins: int = 15,
    binning: Binning = "static",
    sample_weight: ArrayLike | None = None,
) -> CalibrationBins:
    """Compare predicted probabilities of an event with how often it happened, in bins.

    When to use it: for the calibration curve. Static bins have equal width, [i/m, (i+1)/m) with the last one
    closed; with a rare event nearly all rows fall into the first. Adaptive bins have (nearly) equal weight:
    equal predictions share a bin, the one that holds the middle of their weight.

    Args:
        outcome: 0 or 1 (n,).
        predicted: probabilities (n,).
        n_bins: how many bins at most.
        binning: "static" or "adaptive".
        sample_weight: (n,) or None.

    Raises:
        UsageError: fewer than one bin, or an unknown binning.
        DataError: arrays that differ in length, predictions outside [0, 1].

    >>> bins = calibration_bins([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2)
    >>> bins.predicted.round(2).tolist(), bins.observed.tolist(), round(bins.gap, 2)
    ([0.2, 0.7], [0.0, 1.0], 0.25)
    """
    rows = probable(outcome, predicted, sample_weight)
    return binned(rows.y, rows.values[:, 1], rows.weight, n_bins, binning)


def binned(
    event: NDArray[Any], p: Floats, weight: Floats | None, n_bins: int, binning: Binning
) -> CalibrationBins:
    """The same, for checked arrays."""
    if n_bins < 1 or binning not in ("static", "adaptive"):
        raise UsageError(
            f"n_bins={n_bins} and binning={binning!r} came; pass n_bins >= 1 and 'static' or 'adaptive'"
        )
    w = np.ones(len(p)) if weight is None else weight
    place = (
        np.minimum((p * n_bins).astype(np.int64), n_bins - 1)
        if binning == "static"
        else _by_mass(p, w, n_bins)
    )
    total = np.bincount(place, weights=w, minlength=n_bins).astype(np.float64)
    filled = total > 0
    mass = total[filled]
    predicted = np.bincount(place, weights=w * p, minlength=n_bins)[filled] / mass
    observed = np.bincount(place, weights=w * event, minlength=n_bins)[filled] / mass
    return CalibrationBins(predicted, observed, mass)


def _by_mass(p: Floats, weight: Floats, n_bins: int) -> NDArray[np.int64]:
    order = np.argsort(p)
    starts = np.append(True, p[order][1:] != p[order][:-1])
    group = np.cumsum(starts) - 1
    mass = np.bincount(group, weights=weight[order])
    middle = np.cumsum(mass) - mass / 2
    place = np.empty(len(p), dtype=np.int64)
    place[order] = np.minimum(middle / mass.sum() * n_bins, n_bins - 1).astype(np.int64)[group]
    return place
