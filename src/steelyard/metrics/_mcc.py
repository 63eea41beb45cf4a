"""Matthews correlation coefficient."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, over_classes

__all__ = ["mcc"]


def mcc(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The correlation between truth and decision.

    When to use it: one number for decisions that is high only when all four confusion counts are good. It
    moves with prevalence.

    .. math:: \frac{TP \cdot TN - FP \cdot FN}{\sqrt{(TP+FP)(TP+FN)(TN+FP)(TN+FN)}}

    and Gorodkin's R_K for more than two classes.

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K, or None for as many as occur.

    Returns:
        A value in [-1, 1]; NaN when `y` holds one class only; 0, the limit, when the decisions are all alike
        although `y` is not.

    >>> mcc([1, 1, 0, 0], [1, 0, 0, 0])
    0.577

    Source: Matthews (1975); Gorodkin (2004), Comparing two K-category assignments by a K-category correlation
    coefficient.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    if len(matrix) == 2:
        return over_classes(from_counts, matrix)
    truth, decided, total = matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum()
    if np.count_nonzero(truth) < 2:
        return float("nan")
    if np.count_nonzero(decided) < 2:
        return 0.0
    shared = matrix.trace() * total - truth @ decided
    spread = np.sqrt(total**2 - truth @ truth) * np.sqrt(total**2 - decided @ decided)
    return float(shared / spread)


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    hit, false, missed, left = (np.asarray(count, dtype=np.float64) for count in (tp, fp, fn, tn))
    positives, negatives = hit + missed, false + left
    spread = np.sqrt(positives * negatives) * np.sqrt((hit + false) * (missed + left))
    shared = hit * left - false * missed
    value = np.divide(shared, spread, out=np.zeros_like(spread), where=spread > 0)
    return np.where((positives > 0) & (negatives > 0), value, np.nan)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Decisions that know nothing do not correlate with the truth."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "mcc",
    "title": "Matthews correlation coefficient",
    "seeds": ["001", "012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient",
    "facts": {
        "label": "MCC",
        "aliases": ["matthews_corrcoef", "phi"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": True,
        "range": [-1.0, 1.0],
        "binary_only": False,
    },
}
