"""Macro-averaged mean absolute error, for ordered classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, ratio

__all__ = ["macro_mae"]


def macro_mae(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""How many steps decisions miss by, averaged within each class first and then over classes.

    When to use it: for ordered classes (grades, stages) of unequal size; positions must follow the order.

    .. math:: \frac1K \sum_k \frac1{n_k} \sum_{i:\,y_i = k} |d_i - k|

    Args:
        y: class positions in their order (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 classes absent from `y` are left out of the mean.

    Returns:
        A value from 0 to K - 1; for two classes NaN when `y` holds only one of them.

    >>> macro_mae([0, 0, 0, 0, 2], [0, 0, 0, 0, 0])
    1.0

    Source: Baccianella, Esuli & Sebastiani (2009), Evaluation measures for ordinal regression.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    place = np.arange(len(matrix))
    steps = np.abs(place[:, None] - place)
    means = ratio((matrix * steps).sum(axis=1), matrix.sum(axis=1))
    return float(means.mean() if len(matrix) == 2 else np.nanmean(means))


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape: with two classes every miss is one step."""
    return np.asarray((ratio(fn, np.add(tp, fn)) + ratio(fp, np.add(tn, fp))) / 2)


def no_skill(prior: Prior) -> float:
    """Always decide for the middle class."""
    place = np.arange(prior.n_classes)
    return float(np.abs(place - (prior.n_classes - 1) // 2).mean())


CARD = {
    "lever": "metrics",
    "name": "macro_mae",
    "title": "Macro-averaged mean absolute error (ordinal)",
    "seeds": ["012", "050"],
    "since": "0.1",
    "status": "claimed",
    "source": "Baccianella, Esuli & Sebastiani (2009), Evaluation measures for ordinal regression",
    "facts": {
        "label": "macro-averaged absolute error",
        "aliases": ["macro_averaged_mae", "mmae"],
        "takes": "decisions",
        "direction": "min",
        "prior_sensitive": False,
        "range": [0.0, None],
        "binary_only": False,
    },
}
