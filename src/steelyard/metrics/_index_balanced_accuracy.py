"""Index of balanced accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, over_classes, ratio

__all__ = ["index_balanced_accuracy"]

ALPHA = 0.1


def index_balanced_accuracy(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    alpha: float = ALPHA,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The squared G-mean, raised or lowered by which class is recalled better.

    When to use it: to prefer, among decisions of equal G-mean, those that favour the positive class.

    .. math:: (1 + \alpha\,(\mathrm{TPR} - \mathrm{TNR}))\;\mathrm{TPR} \cdot \mathrm{TNR}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        alpha: how much the dominance TPR - TNR counts.
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 the result is the macro mean over the classes that occur in `y`.

    Returns:
        A value in [0, 1]; NaN when `y` holds one class only.

    >>> round(index_balanced_accuracy([1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]), 4)
    0.475

    Source: García, Mollineda & Sánchez (2009), Index of balanced accuracy.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    return over_classes(lambda tp, fp, fn, tn: from_counts(tp, fp, fn, tn, alpha=alpha), matrix)


def from_counts(
    tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike, *, alpha: float = ALPHA
) -> Floats:
    """The value from confusion counts of any common shape."""
    tpr, tnr = ratio(tp, np.add(tp, fn)), ratio(tn, np.add(tn, fp))
    return np.asarray((1 + alpha * (tpr - tnr)) * tpr * tnr)


def no_skill(prior: Prior) -> float:
    """Flag at random with the best rate, (1 + u) / 2; NaN for K > 2, where no closed form is known."""
    if prior.n_classes > 2:
        return float("nan")
    u = (np.sqrt(1 + 3 * ALPHA**2) - 1) / (3 * ALPHA)
    return float((1 + ALPHA * u) * (1 - u**2) / 4)


CARD = {
    "lever": "metrics",
    "name": "index_balanced_accuracy",
    "title": "Index of balanced accuracy",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "García, Mollineda & Sánchez (2009), Index of balanced accuracy",
    "facts": {
        "label": "index of balanced accuracy",
        "aliases": ["iba"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": False,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
