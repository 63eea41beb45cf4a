"""Youden's J."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, present_recalls, ratio

__all__ = ["youden_j"]


def youden_j(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""How much more often positives are flagged than negatives.

    When to use it: as balanced accuracy, on a scale where chance is 0.

    .. math:: J = \mathrm{TPR} + \mathrm{TNR} - 1 \quad\text{or}\quad
        J = \frac{K \cdot \mathrm{BAC} - 1}{K - 1}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 the formula runs over the classes that occur in `y`.

    Returns:
        A value in [-1, 1]; NaN when `y` holds one class only.

    >>> youden_j([1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0])
    0.5

    Source: Youden (1950), Index for rating diagnostic tests.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    recalls = present_recalls(matrix)
    return float(ratio(recalls.sum() - 1, len(recalls) - 1))


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    return ratio(tp, np.add(tp, fn)) + ratio(tn, np.add(tn, fp)) - 1


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Decisions that know nothing flag both classes alike."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "youden_j",
    "title": "Youden's J (informedness)",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Youden (1950), Index for rating diagnostic tests",
    "facts": {
        "label": "Youden's J",
        "aliases": ["informedness", "youden"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": False,
        "range": [-1.0, 1.0],
        "binary_only": False,
    },
}
