"""Accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, ratio

__all__ = ["accuracy"]


def accuracy(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The share of right decisions.

    When to use it: rarely with imbalanced classes; always deciding for the commonest class already earns its
    share. `balanced_accuracy` weighs classes alike.

    .. math:: \frac{TP + TN}{TP + FP + FN + TN}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K, or None for as many as occur.

    Returns:
        A value in [0, 1], always defined.

    >>> accuracy([1, 0, 0, 0], [0, 0, 0, 0])
    0.75

    Source: He & Garcia (2009), Learning from imbalanced data, section 4.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    return float(matrix.trace() / matrix.sum())


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    right = np.add(tp, tn)
    return ratio(right, right + np.add(fp, fn))


def no_skill(prior: Prior) -> float:
    """Always decide for the commonest class."""
    return float(prior.p.max())


CARD = {
    "lever": "metrics",
    "name": "accuracy",
    "title": "Accuracy",
    "seeds": ["001", "012"],
    "since": "0.1",
    "status": "claimed",
    "source": "He & Garcia (2009), Learning from imbalanced data",
    "facts": {
        "label": "accuracy",
        "aliases": [],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
