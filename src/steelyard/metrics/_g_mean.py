"""Geometric mean of recalls."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, present_recalls, ratio

__all__ = ["g_mean"]


def g_mean(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The geometric mean of the recalls of the classes.

    When to use it: when no class may be ignored: one recall of 0 makes the whole 0. It does not move with
    prevalence.

    .. math:: \sqrt{\mathrm{TPR} \cdot \mathrm{TNR}} \quad\text{or}\quad
        \Big(\prod_k \mathrm{recall}_k\Big)^{1/K}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 classes absent from `y` are left out of the mean.

    Returns:
        A value in [0, 1]; for two classes NaN when `y` holds only one of them.

    >>> round(g_mean([1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]), 4)
    0.7071

    Source: Kubat & Matwin (1997), Addressing the curse of imbalanced training sets.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    recalls = present_recalls(matrix)
    # by logarithms, so that hundreds of classes do not underflow
    return float(np.exp(np.log(recalls).mean())) if recalls.all() else 0.0


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    return np.sqrt(ratio(tp, np.add(tp, fn)) * ratio(tn, np.add(tn, fp)))


def no_skill(prior: Prior) -> float:
    """Decide for every class equally often."""
    return 1 / prior.n_classes


CARD = {
    "lever": "metrics",
    "name": "g_mean",
    "title": "G-mean (geometric mean of recalls)",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Kubat & Matwin (1997), Addressing the curse of imbalanced training sets",
    "facts": {
        "label": "G-mean",
        "aliases": ["geometric_mean", "gmean"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": False,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
