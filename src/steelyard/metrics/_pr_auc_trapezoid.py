"""Area under the precision-recall curve by trapezoids."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics.ranking import Ranking, rank_classes
from steelyard.metrics.rows import scored

__all__ = ["pr_auc_trapezoid"]


def pr_auc_trapezoid(y: ArrayLike, scores: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """The precision-recall area with straight lines between points, starting at recall 0, precision 1.

    When to use it: only to compare with publications that used it. Straight lines are not reachable between
    points of this curve, so the area is optimistic, most of all with ties: one constant score earns
    (1 + prevalence) / 2. Otherwise use `average_precision`.

    Args:
        y: class positions (n,).
        scores: (n,) for the positive class, or (n, K); with K > 2 the macro mean over classes in `y`.
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1]; NaN without positives.

    >>> round(pr_auc_trapezoid([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2]), 4)
    0.7917

    Source: Davis & Goadrich (2006), The relationship between precision-recall and ROC curves.
    """
    return rank_classes(trapezoids, scored(y, scores, sample_weight))


def trapezoids(ranking: Ranking) -> float:
    """The area for one class."""
    if not ranking.positives:
        return float("nan")
    recall = np.append(0.0, ranking.tp / ranking.positives)
    return float(np.trapezoid(np.append(1.0, ranking.precision), recall))


def no_skill(prior: Prior) -> float:
    """Random untied scores reach the prevalence in large samples; constants are flattered, see above."""
    return float(prior.p[1]) if prior.n_classes == 2 else 1 / prior.n_classes


CARD = {
    "lever": "metrics",
    "name": "pr_auc_trapezoid",
    "title": "Area under the precision-recall curve by trapezoids",
    "seeds": ["001", "012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Davis & Goadrich (2006), The relationship between precision-recall and ROC curves",
    "facts": {
        "label": "PR-AUC (trapezoid)",
        "aliases": ["pr_auc"],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
