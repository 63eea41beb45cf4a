"""Balanced accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, present_recalls, ratio

__all__ = ["balanced_accuracy"]


def balanced_accuracy(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The mean recall of the classes.

    When to use it: when every class counts the same however rare. It does not move with prevalence, so a high
    value can go with a precision that is useless.

    .. math:: \frac12\left(\frac{TP}{TP+FN} + \frac{TN}{TN+FP}\right) \quad\text{or}\quad
        \frac1K\sum_k \mathrm{recall}_k

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 classes absent from `y` are left out of the mean.

    Returns:
        A value in [0, 1]; for two classes NaN when `y` holds only one of them.

    >>> balanced_accuracy([1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0])
    0.75

    Source: Brodersen et al. (2010), The balanced accuracy and its posterior distribution.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    return float(present_recalls(matrix).mean())


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    return (ratio(tp, np.add(tp, fn)) + ratio(tn, np.add(tn, fp))) / 2


def no_skill(prior: Prior) -> float:
    """Any decision without features recalls 1/K on average."""
    return 1 / prior.n_classes


CARD = {
    "lever": "metrics",
    "name": "balanced_accuracy",
    "title": "Balanced accuracy (mean recall)",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Brodersen et al. (2010), The balanced accuracy and its posterior distribution",
    "facts": {
        "label": "balanced accuracy",
        "aliases": ["bac", "macro_recall"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": False,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
