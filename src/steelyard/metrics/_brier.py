"""Brier score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.rows import Rows, mean, probable

__all__ = ["brier"]


def brier(y: ArrayLike, p: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    r"""The mean squared error of probabilities: a bounded proper score.

    When to use it: to judge probabilities where single confident errors should not dominate. With a rare
    class it is small for every model, so read it beside its no-skill value and `stratified_brier`.

    .. math:: \frac1n \sum_i (p_i - y_i)^2 \quad\text{or, for } K > 2,\quad
        \frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2

    Args:
        y: class positions (n,).
        p: probabilities (n,) of the positive class, or (n, K).
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1] for two classes, [0, 2] for more; always defined.

    >>> round(brier([1, 0], [0.8, 0.4]), 4)
    0.1

    Source: Brier (1950), Verification of forecasts expressed in terms of probability.
    """
    rows = probable(y, p, sample_weight)
    return mean(squared_errors(rows), rows.weight)


def squared_errors(rows: Rows) -> Floats:
    """The squared error of every row: of the positive class's column for two classes, else of all columns."""
    if rows.values.shape[1] == 2:
        return np.asarray((rows.values[:, 1] - rows.y) ** 2)
    true = rows.values[np.arange(len(rows.y)), rows.y]
    return np.asarray(np.einsum("ij,ij->i", rows.values, rows.values) - 2 * true + 1)


def no_skill(prior: Prior) -> float:
    """Predicting the prior itself: p(1 - p) for two classes, one minus the sum of squares for more."""
    if prior.n_classes == 2:
        return float(prior.p[0] * prior.p[1])
    return float(1 - prior.p @ prior.p)


CARD = {
    "lever": "metrics",
    "name": "brier",
    "title": "Brier score",
    "seeds": ["001", "012"],
    "needs": ["probabilities"],
    "since": "0.1",
    "status": "claimed",
    "source": "Brier (1950), Verification of forecasts expressed in terms of probability",
    "facts": {
        "label": "Brier score",
        "aliases": ["brier_score"],
        "takes": "probabilities",
        "direction": "min",
        "prior_sensitive": True,
        "range": [0.0, 2.0],
        "binary_only": False,
    },
}
