"""Area under the receiver operating characteristic."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics.ranking import Ranking, rank_classes
from steelyard.metrics.rows import scored

__all__ = ["roc_auc"]


def roc_auc(y: ArrayLike, scores: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    r"""The chance that a random positive scores above a random negative, ties counting one half.

    When to use it: to compare rankings whatever the prevalence; it does not move with it. It averages over
    all false positive rates, so with a rare class look at `partial_roc_auc` or `average_precision` as well.

    .. math:: \mathrm{AUC} = P(s^+ > s^-) + \tfrac12 P(s^+ = s^-)

    Args:
        y: class positions (n,).
        scores: (n,) for the positive class, or (n, K); with K > 2 the result is the macro mean of one
            class against the rest over the classes that occur in `y`.
        sample_weight: (n,) or None; a pair counts the product of its weights.

    Returns:
        A value in [0, 1]; NaN when `y` holds one class only.

    >>> roc_auc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2])
    0.75

    Source: Hanley & McNeil (1982), The meaning and use of the area under a ROC curve.
    """
    return rank_classes(area, scored(y, scores, sample_weight))


def area(ranking: Ranking) -> float:
    """The share of ordered pairs for one class."""
    pairs = ranking.positives * ranking.negatives
    if not pairs:
        return float("nan")
    above = ranking.tp - np.diff(ranking.tp, prepend=0.0) / 2
    return float(np.diff(ranking.fp, prepend=0.0) @ above / pairs)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """A random order puts half of the pairs right, and so does a constant."""
    return 0.5


CARD = {
    "lever": "metrics",
    "name": "roc_auc",
    "title": "Area under the ROC curve",
    "seeds": ["001", "012", "016"],
    "since": "0.1",
    "status": "claimed",
    "source": "Hanley & McNeil (1982), The meaning and use of the area under a ROC curve",
    "facts": {
        "label": "ROC-AUC",
        "aliases": ["auc", "auroc"],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": False,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
