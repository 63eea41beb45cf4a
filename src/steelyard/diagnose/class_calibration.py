"""Whether each class's probability means what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, TooFewSamples
from steelyard.metrics import calibration_error_by_class

__all__ = ["ClassCalibration", "calibration_by_class"]


@dataclass(frozen=True, eq=False)
class ClassCalibration:
    """Calibration of every class against the rest, arrays (K,).

    Attributes:
        observed: the share of rows that are of the class.
        predicted: its mean predicted probability.
        ratio: predicted over observed: 1 is right, 3 means three times too many expected; NaN without rows.
        error: calibration error of its probability, 0 is right.
        confidence: mean probability of the decided class over the rows decided for this class; NaN for none.
        precision: the share of those decisions that are right; confidence above it is overconfidence.
    """

    observed: Floats
    predicted: Floats
    ratio: Floats
    error: Floats
    confidence: Floats
    precision: Floats


def calibration_by_class(y: ArrayLike, p: ArrayLike, *, n_bins: int = 15) -> ClassCalibration:
    r"""Compare every class's probability with what happened.

    When to use it: after training on a long tail. Re-weighting, class-balanced sampling and margins inflate the
    probabilities of rare classes, and the calibration of the most probable class alone hides that.

    With :math:`\bar p_k` the mean probability of class k and :math:`\bar y_k` its share: ratio
    :math:`\bar p_k / \bar y_k`; error: the mean gap between both over bins of equal width.

    Args:
        y: class positions (n,).
        p: probabilities (n, K), or (n,) of the positive class.
        n_bins: bins of the error.

    Returns:
        A `ClassCalibration`.

    Raises:
        TooFewSamples: no rows.
        DataError, TargetError: arrays that do not fit each other.

    >>> found = calibration_by_class([0, 0, 0, 1], [[0.5, 0.5], [0.7, 0.3], [0.9, 0.1], [0.1, 0.9]])
    >>> found.predicted.round(2).tolist(), found.ratio.round(2).tolist()
    ([0.55, 0.45], [0.73, 1.8])

    Source: Kull et al. (2019), Beyond temperature scaling.
    """
    truth = np.asarray(y)
    if not truth.size:
        raise TooFewSamples("there are no rows to judge calibration on; pass at least one")
    error = calibration_error_by_class(truth, p, n_bins=n_bins)
    shares, n_classes = np.asarray(p, dtype=np.float64), len(error)
    if shares.ndim == 1:
        shares = np.column_stack([1 - shares, shares])
    observed = np.bincount(truth, minlength=n_classes) / len(truth)
    predicted = shares.mean(axis=0)
    decided = shares.argmax(axis=1)
    given = np.bincount(decided, minlength=n_classes)
    certain = np.bincount(decided, weights=shares.max(axis=1), minlength=n_classes)
    right = np.bincount(decided[decided == truth], minlength=n_classes)
    return ClassCalibration(
        observed,
        predicted,
        _over(predicted, observed),
        error,
        _over(certain, given),
        _over(right, given),
    )


def _over(top: NDArray[Any], bottom: NDArray[Any]) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0))


CARD = {
    "lever": "diagnose",
    "name": "calibration_by_class",
    "title": "Calibration of every class",
    "seeds": ["012"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kull et al. (2019), Beyond temperature scaling",
    "facts": {},
}
