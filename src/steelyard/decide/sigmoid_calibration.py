"""Sigmoid calibration on log-odds."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from steelyard.core import Floats
from steelyard.decide.calibration import Calibration
from steelyard.decide.logistic import fit_logistic, resolution, soft_targets

__all__ = ["SigmoidCalibration"]


class SigmoidCalibration(Calibration):
    r"""A shift and a stretch of the log-odds: :math:`\operatorname{logit} p' = a \operatorname{logit} p + b`.

    When to use it: first, and always when positives are few: two numbers, the ranking stays, and the mean
    prediction becomes the prevalence of the fitting rows. It contains the identity and every prior correction.

    Fitted by least log loss with :math:`a \geq 0` on targets pulled towards the prevalence by
    :math:`1/(m + 2)`, m rows of the rarer class (Platt's idea, keeping the mean). Exact zeros and ones, which
    forests give, count as half-way to the nearest other probability. Each entry of `maps_` holds a, b, and the
    lowest and highest probability told apart.

    >>> calibration = SigmoidCalibration().fit([0.1, 0.2, 0.2, 0.4, 0.9, 0.9], [0, 0, 1, 0, 0, 1])
    >>> calibration([0.1, 0.9]).round(2).tolist()
    [0.24, 0.44]

    Source: Platt (1999), Probabilistic Outputs for Support Vector Machines; Lin, Lin, Weng (2007).
    """

    name = "sigmoid"

    def _learn(self, p: Floats, positive: Floats, weight: Floats) -> Floats:
        low, high = resolution(p)
        odds = logit(np.clip(p, low, high))
        return np.append(fit_logistic(odds[:, None], soft_targets(positive, weight), weight), [low, high])

    def _map(self, state: Floats, p: Floats) -> Floats:
        a, b, low, high = state
        return np.asarray(expit(a * logit(np.clip(p, low, high)) + b))


CARD = {
    "lever": "decide",
    "name": "SigmoidCalibration",
    "title": "Sigmoid (Platt) calibration on log-odds",
    "seeds": ["075"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Platt (1999), Probabilistic Outputs for Support Vector Machines",
    "facts": {},
}
