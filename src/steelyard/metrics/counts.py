"""Confusion counts: what every metric of decisions is a function of."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, TargetError
from steelyard.metrics.rows import positions, row_weights

__all__ = ["Counts", "class_counts", "confusion_matrix"]

DUST = 1e-12  # a difference of sums below this share of them is rounding


class Counts(NamedTuple):
    """True positives, false positives, false negatives, true negatives; floats, any common shape."""

    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats


def confusion_matrix(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> Floats:
    """Count (or weigh) the rows of every truth and decision: float (K, K), rows truth, columns decision.

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; when None, the largest position met plus one, and at least two.

    Raises:
        TargetError: positions that are no integers, negative, or K and above.
        DataError: arrays that differ in length.

    >>> confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1]).tolist()
    [[1.0, 1.0], [0.0, 2.0]]
    """
    truth, decided = positions(y), positions(decisions, "decisions")
    if len(truth) != len(decided):
        raise DataError(f"{len(truth)} labels came with {len(decided)} decisions; pass one decision a row")
    weight = row_weights(sample_weight, len(truth))
    highest = int(max(truth.max(), decided.max()))
    size = max(2, highest + 1) if n_classes is None else n_classes
    if highest >= size:
        raise TargetError(
            f"position {highest} came, {size} classes were expected; positions run 0..{size - 1}"
        )
    flat = np.bincount(truth * size + decided, weights=weight, minlength=size * size)
    return flat.reshape(size, size).astype(np.float64)


def class_counts(matrix: ArrayLike) -> Counts:
    """The four counts of every class against the rest, arrays (K,), from a confusion matrix (K, K).

    >>> class_counts([[1, 1], [0, 2]]).tp.tolist()
    [1.0, 2.0]
    """
    table = np.asarray(matrix, dtype=np.float64)
    tp = table.diagonal()
    # sums of the other cells, never differences: with weights a difference leaves rounding dust for zero
    off = table * (1 - np.eye(len(table)))
    fp, fn = off.sum(axis=0), off.sum(axis=1)
    if len(table) == 2:
        return Counts(tp, fp, fn, tp[::-1])
    rest = table.sum() - tp - fp - fn
    tn = np.where(rest > DUST * table.sum(), rest, 0.0)
    return Counts(tp, fp, fn, tn)


def ratio(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """Divide; NaN where the bottom is zero."""
    above, below = np.broadcast_arrays(
        np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    )
    quotient = np.full(above.shape, np.nan)
    np.divide(above, below, out=quotient, where=below != 0)
    return quotient


def present_recalls(matrix: Floats) -> Floats:
    """The recall of every class that occurs in the truth; of two classes both, NaN for an absent one."""
    rows = matrix.sum(axis=1)
    recalls = ratio(matrix.diagonal(), rows)
    return recalls if len(matrix) == 2 else recalls[rows > 0]


def over_classes(from_counts: Callable[..., Floats], matrix: Floats, *, undefined: float = np.nan) -> float:
    """Two classes: the value of position 1. More: the mean of one against the rest over classes in the truth.

    `undefined` is what a class of a many-class mean counts when its own value is undefined.
    """
    counts = class_counts(matrix)
    values = from_counts(*counts)
    if len(matrix) == 2:
        return float(values[1])
    present = values[matrix.sum(axis=1) > 0]
    return float(np.where(np.isnan(present), undefined, present).mean())
