"""Hardness of rows, and row weights brought to the scale every learner expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

__all__: list[str] = []


def hardness(p: Floats, y: NDArray[np.int64]) -> Floats:
    """The probability (n,) that was denied to the true class of every row."""
    return np.clip(1 - np.asarray(p, dtype=np.float64)[np.arange(len(y)), y], 0, 1)


def mean_one_rows(weight: Floats) -> Floats:
    """Row weights (n,) that average one; all ones when every weight is 0."""
    total = float(weight.sum())
    return np.asarray(weight * (len(weight) / total)) if total > 0 else np.ones(len(weight))
