"""No calibration, as the control."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats
from steelyard.decide.calibration import Calibration
from steelyard.decide.rows import class_scores

__all__ = ["NoCalibration"]


class NoCalibration(Calibration):
    """Leave probabilities exactly as they are.

    When to use it: as the control, and where the probabilities are right already.

    >>> NoCalibration().fit([0.2, 0.8], [0, 1])([0.3]).tolist()
    [0.3]
    """

    name = "none"

    def fit(self, p: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002 - nothing to learn
        """Only the number of classes is remembered."""
        self.n_classes_, self.maps_, self.note_ = class_scores(p).shape[1], [], self.caveat
        return self

    def __call__(self, p: ArrayLike) -> Floats:
        """The probabilities as they came, as floats."""
        return np.asarray(p, dtype=np.float64)


CARD = {
    "lever": "decide",
    "name": "NoCalibration",
    "title": "No calibration",
    "seeds": ["001"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "the control every calibration is compared with",
    "facts": {},
}
