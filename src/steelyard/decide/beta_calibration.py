"""Beta calibration."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from steelyard.core import Floats
from steelyard.decide.calibration import Calibration
from steelyard.decide.logistic import fit_logistic, resolution, soft_targets

__all__ = ["BetaCalibration"]


class BetaCalibration(Calibration):
    r"""Log-odds linear in both logarithms: :math:`\operatorname{logit} p' = a \ln p - b \ln(1 - p) + c`.

    When to use it: a hundred or more positives, and a calibration curve a sigmoid cannot follow, such as one
    that bends at one end only. With :math:`a = b` it is the sigmoid on log-odds.

    Fitted by least log loss with :math:`a, b \geq 0`, on the same pulled targets as `SigmoidCalibration`, and
    with the same care for exact zeros and ones. Each entry of `maps_` holds a, b, c, and the lowest and highest
    probability told apart.

    >>> calibration = BetaCalibration().fit([0.1, 0.2, 0.2, 0.4, 0.9, 0.9], [0, 0, 1, 0, 0, 1])
    >>> bool(calibration([0.1])[0] < calibration([0.9])[0])
    True

    Source: Kull, Silva Filho, Flach (2017), Beta Calibration.
    """

    name = "beta"

    def _learn(self, p: Floats, positive: Floats, weight: Floats) -> Floats:
        low, high = resolution(p)
        logs = _logs(np.clip(p, low, high))
        return np.append(fit_logistic(logs, soft_targets(positive, weight), weight), [low, high])

    def _map(self, state: Floats, p: Floats) -> Floats:
        return np.asarray(expit(_logs(np.clip(p, state[3], state[4])) @ state[:2] + state[2]))


def _logs(p: Floats) -> Floats:
    return np.column_stack([np.log(p), -np.log1p(-p)])


CARD = {
    "lever": "decide",
    "name": "BetaCalibration",
    "title": "Beta calibration",
    "seeds": ["075"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kull, Silva Filho, Flach (2017), Beta Calibration",
    "facts": {},
}
