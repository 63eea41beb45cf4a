"""Isotonic calibration."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression

from steelyard.core import Floats
from steelyard.decide.calibration import Calibration

__all__ = ["IsotonicCalibration"]


class IsotonicCalibration(Calibration):
    """The monotone map of least squared error, whatever its shape.

    When to use it: many positives (hundreds) and no known shape. It makes ties: rows of one step become equal,
    so rankings and top-k decisions lose detail, and its ends may promise 0 or 1.

    Linear between the steps; each entry of `maps_` is a matrix (2, m) of places and values.

    >>> calibration = IsotonicCalibration().fit([0.1, 0.2, 0.3, 0.4, 0.8, 0.9], [0, 1, 0, 0, 0, 1])
    >>> calibration([0.25, 0.8]).tolist()
    [0.25, 0.25]

    Source: Zadrozny, Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability Estimates.
    """

    name = "isotonic"
    caveat = (
        "isotonic calibration makes ties: rows of one step share a probability, which blurs their ranking"
    )

    def _learn(self, p: Floats, positive: Floats, weight: Floats) -> Floats:
        fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(
            p, positive, sample_weight=weight
        )
        return np.stack([fitted.X_thresholds_, fitted.y_thresholds_])

    def _map(self, state: Floats, p: Floats) -> Floats:
        return np.asarray(np.interp(p, state[0], state[1]))


CARD = {
    "lever": "decide",
    "name": "IsotonicCalibration",
    "title": "Isotonic calibration",
    "seeds": ["075"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Zadrozny, Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability Estimates",
    "facts": {},
}
