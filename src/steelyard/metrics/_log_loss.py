"""Logarithmic loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics.rows import mean, probable

__all__ = ["log_loss"]


def log_loss(y: ArrayLike, p: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    r"""The mean surprise at the true class: a proper score of probabilities.

    When to use it: to judge probabilities as a whole; confident errors cost most.

    .. math:: -\frac1n \sum_i \ln p_{i, y_i}

    in nats; probabilities below 2.2e-16 count as that, so that one certain error stays finite.

    Args:
        y: class positions (n,).
        p: probabilities (n,) of the positive class, or (n, K).
        sample_weight: (n,) or None.

    Returns:
        A value from 0 up, always defined.

    >>> round(log_loss([1, 0], [0.8, 0.4]), 4)
    0.367

    Source: Good (1952), Rational decisions.
    """
    rows = probable(y, p, sample_weight)
    true = rows.values[np.arange(len(rows.y)), rows.y]
    return mean(-np.log(np.clip(true, np.finfo(np.float64).eps, 1.0)), rows.weight)


def no_skill(prior: Prior) -> float:
    """The entropy of the prior, reached by predicting the prior itself."""
    p = prior.p[prior.p > 0]
    return float(-(p @ np.log(p)))


CARD = {
    "lever": "metrics",
    "name": "log_loss",
    "title": "Logarithmic loss (cross-entropy)",
    "seeds": ["001", "012"],
    "needs": ["probabilities"],
    "since": "0.1",
    "status": "claimed",
    "source": "Good (1952), Rational decisions",
    "facts": {
        "label": "log loss",
        "aliases": ["logloss", "cross_entropy"],
        "takes": "probabilities",
        "direction": "min",
        "prior_sensitive": True,
        "range": [0.0, None],
        "binary_only": False,
    },
}
