"""From one weight a class to one weight a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, TargetError

__all__ = ["as_sample_weight"]


def as_sample_weight(
    class_weight: ArrayLike, y: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> Floats:
    """Give every row the weight of its class, times the weight it already has.

    When to use it: the learner takes `sample_weight` in `fit`, whether or not it knows `class_weight`.

    Args:
        class_weight: (K,).
        y: class positions (n,), 0..K-1.
        sample_weight: (n,) weights the rows already carry, or None.

    Returns:
        Row weights (n,).

    Raises:
        TargetError: a position outside 0..K-1.
        DataError: not one sample weight a row.

    >>> as_sample_weight([0.5, 5], [0, 1, 0]).tolist()
    [0.5, 5.0, 0.5]
    """
    weight, rows = np.asarray(class_weight, dtype=np.float64), np.asarray(y)
    if rows.size and not (rows.dtype.kind in "iu" and rows.min() >= 0 and rows.max() < len(weight)):
        raise TargetError(
            f"y holds values other than class positions 0..{len(weight) - 1}; pass prior.encode(y) for labels"
        )
    spread = weight[rows.astype(np.int64)]
    if sample_weight is None:
        return spread
    own = np.asarray(sample_weight, dtype=np.float64)
    if own.shape != spread.shape:
        raise DataError(f"{len(spread)} rows came with {own.size} weights; pass one weight a row")
    return spread * own
