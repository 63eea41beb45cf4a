"""Brier score class by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics._brier import squared_errors
from steelyard.metrics.counts import ratio
from steelyard.metrics.rows import probable

__all__ = ["brier_by_class", "stratified_brier"]


def brier_by_class(y: ArrayLike, p: ArrayLike, *, sample_weight: ArrayLike | None = None) -> Floats:
    """The mean squared error of probabilities over the rows of each true class: (K,), NaN for an absent one.

    >>> brier_by_class([1, 0, 0], [0.5, 0.1, 0.3]).round(4).tolist()
    [0.05, 0.25]
    """
    rows = probable(y, p, sample_weight)
    n_classes = rows.values.shape[1]
    error = squared_errors(rows)
    weighted = error if rows.weight is None else error * rows.weight
    total = np.bincount(rows.y, weights=weighted, minlength=n_classes)
    return ratio(total, np.bincount(rows.y, weights=rows.weight, minlength=n_classes))


def stratified_brier(y: ArrayLike, p: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    r"""The Brier score of every class by itself, averaged: the rare class counts as much as the common one.

    When to use it: to see whether probabilities are good for the rare class too; a model can have a fine
    Brier score and be wrong on nearly every positive. It is not proper for the true prevalence: its best
    constant is 1/2, so never calibrate by it.

    .. math:: \frac1K \sum_k \mathrm{BS}_k,\quad
        \mathrm{BS}_1 = \frac1{n_1}\sum_{y_i = 1} (1 - p_i)^2,\quad
        \mathrm{BS}_0 = \frac1{n_0}\sum_{y_i = 0} p_i^2

    Args:
        y: class positions (n,).
        p: probabilities (n,) of the positive class, or (n, K).
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1] for two classes, NaN when one of them is absent; for more a value in [0, 2], the
        mean over the classes that occur in `y`.

    >>> round(stratified_brier([1, 0, 0], [0.5, 0.1, 0.3]), 4)
    0.15

    Source: Wallace & Dahabreh (2012), Class probability estimates are unreliable for imbalanced data (and
    how to fix them).
    """
    values = brier_by_class(y, p, sample_weight=sample_weight)
    return float(values.mean() if len(values) == 2 else np.nanmean(values))


def no_skill(prior: Prior) -> float:
    """The uniform prediction, the best constant whatever the prior: 1/4 for two classes, else 1 - 1/K."""
    return 0.25 if prior.n_classes == 2 else 1 - 1 / prior.n_classes


CARD = {
    "lever": "metrics",
    "name": "stratified_brier",
    "title": "Stratified Brier score",
    "seeds": ["012"],
    "needs": ["probabilities"],
    "since": "0.1",
    "status": "claimed",
    "source": "Wallace & Dahabreh (2012), Class probability estimates are unreliable for imbalanced data",
    "facts": {
        "label": "stratified Brier score",
        "aliases": ["balanced_brier"],
        "takes": "probabilities",
        "direction": "min",
        "prior_sensitive": False,
        "range": [0.0, 2.0],
        "binary_only": False,
    },
}
