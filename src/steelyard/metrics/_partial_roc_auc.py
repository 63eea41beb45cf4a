"""Area under the left part of the ROC curve, standardised."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.metrics.ranking import Ranking, rank_classes
from steelyard.metrics.rows import scored

__all__ = ["partial_roc_auc"]


def partial_roc_auc(
    y: ArrayLike, scores: ArrayLike, *, max_fpr: float = 0.1, sample_weight: ArrayLike | None = None
) -> float:
    r"""The ROC area where false alarms stay below `max_fpr`, scaled so that chance is 1/2 and perfect 1.

    When to use it: when only low false positive rates are usable, the usual case with a rare class.

    .. math:: \tfrac12\left(1 + \frac{A - m}{f - m}\right),\quad A = \int_0^{f} \mathrm{TPR}\, d\mathrm{FPR},
        \quad m = f^2/2

    with f = `max_fpr`; the curve is linear between distinct scores.

    Args:
        y: class positions (n,).
        scores: (n,) for the positive class, or (n, K); with K > 2 the macro mean over classes in `y`.
        max_fpr: the largest false positive rate that counts, in (0, 1].
        sample_weight: (n,) or None.

    Returns:
        At most 1; below 1/2 is worse than chance; NaN when `y` holds one class only.

    Raises:
        UsageError: `max_fpr` outside (0, 1].

    >>> partial_roc_auc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], max_fpr=1)
    0.75

    Source: McClish (1989), Analyzing a portion of the ROC curve.
    """
    if not 0 < max_fpr <= 1:
        raise UsageError(f"max_fpr is {max_fpr}, a rate in (0, 1] was expected; pass for example 0.1")

    def standardised(ranking: Ranking) -> float:
        if not ranking.positives or not ranking.negatives:
            return float("nan")
        fpr = np.append(0.0, ranking.fp / ranking.negatives)
        tpr = np.append(0.0, ranking.tp / ranking.positives)
        inside = int(np.searchsorted(fpr, max_fpr, side="right"))
        x = np.append(fpr[:inside], max_fpr)
        curve = np.append(tpr[:inside], np.interp(max_fpr, fpr[inside - 1 :], tpr[inside - 1 :]))
        chance = max_fpr**2 / 2
        return float((1 + (np.trapezoid(curve, x) - chance) / (max_fpr - chance)) / 2)

    return rank_classes(standardised, scored(y, scores, sample_weight))


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """The standardisation puts chance at one half."""
    return 0.5


CARD = {
    "lever": "metrics",
    "name": "partial_roc_auc",
    "title": "Partial area under the ROC curve, McClish-standardised",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "McClish (1989), Analyzing a portion of the ROC curve",
    "facts": {
        "label": "partial ROC-AUC (FPR ≤ 0.1)",
        "aliases": ["partial_auc", "pauc"],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": False,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
