"""Hand's H-measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior, UsageError
from steelyard.metrics.ranking import Ranking, rank_binary
from steelyard.metrics.rows import binary_scored

__all__ = ["h_measure"]


def h_measure(
    y: ArrayLike,
    scores: ArrayLike,
    *,
    severity_ratio: float | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""The share of the no-skill cost that a ranking saves, averaged over uncertain misclassification costs.

    When to use it: when the costs of the two errors are not known but one distribution of them should judge
    all models; the ROC area silently uses another distribution for every model.

    A false positive costs c, a false negative 1 - c, and c follows Beta(2, 1 + 1/r) whose mode is
    r / (1 + r) for severity ratio r. With the best threshold for every c (the convex hull of the ROC curve),

    .. math:: H = 1 - \frac{\int Q(c)\,w(c)\,dc}{\int Q_0(c)\,w(c)\,dc},\quad
        Q(c) = \min_t\; c\,\pi_0 F_t + (1-c)\,\pi_1 (1 - T_t)

    where F and T are the false and true positive rates and Q0 is the better of flagging none and all.

    Args:
        y: positions 0 and 1 (n,).
        scores: (n,) for the positive class, or (n, 2).
        severity_ratio: how many times worse a false positive is than a false negative; by default
            prevalence / (1 - prevalence), so that both classes weigh the same.
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1]; NaN when `y` holds one class only.

    Raises:
        UsageError: a severity ratio that is not above zero.
        NotForMe: more than two classes.

    >>> h_measure([1, 1, 0, 0], [0.9, 0.6, 0.4, 0.2])
    1.0

    Source: Hand (2009), Measuring classifier performance; Hand & Anagnostopoulos (2014), A better beta for
    the H measure of classification performance.
    """
    if severity_ratio is not None and not severity_ratio > 0:
        raise UsageError(
            f"severity_ratio is {severity_ratio}, a ratio above zero was expected; pass cost_fp / cost_fn"
        )
    ranking = rank_binary(binary_scored(y, scores, sample_weight))
    if not ranking.positives or not ranking.negatives:
        return float("nan")
    positive = ranking.prevalence
    ratio = positive / (1 - positive) if severity_ratio is None else severity_ratio
    shape = 1 + 1 / ratio
    fpr, tpr = hull(ranking)
    # the cost at which neighbouring corners break even falls from the strictest threshold to the laxest
    gain, harm = positive * np.diff(tpr), (1 - positive) * np.diff(fpr)
    breaks = np.concatenate([[1.0], gain / (gain + harm), [0.0]])
    skill = mean_cost(fpr, tpr, breaks, positive, shape)
    blind = mean_cost(
        np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([1.0, positive, 0.0]), positive, shape
    )
    return float(1 - skill / blind)


def hull(ranking: Ranking) -> tuple[Floats, Floats]:
    """The corners (FPR, TPR) of the upper convex hull of the ROC curve, from (0, 0) to (1, 1)."""
    from scipy.optimize import isotonic_regression

    hits, rows = np.diff(ranking.tp, prepend=0.0), np.diff(ranking.tp + ranking.fp, prepend=0.0)
    # pooling neighbours until precision falls from block to block is what the hull does
    blocks = isotonic_regression(hits / rows, weights=rows, increasing=False).blocks
    corners = blocks[1:] - 1
    fpr = np.append(0.0, ranking.fp[corners] / ranking.negatives)
    tpr = np.append(0.0, ranking.tp[corners] / ranking.positives)
    return fpr, tpr


def mean_cost(fpr: Floats, tpr: Floats, breaks: Floats, positive: float, shape: float) -> float:
    """The cost averaged over c ~ Beta(2, shape), point i being used for c in [breaks[i + 1], breaks[i]]."""
    from scipy.special import betainc

    cost_fp = -np.diff(betainc(3, shape, breaks)) * 2 / (2 + shape)
    cost_fn = -np.diff(betainc(2, shape + 1, breaks)) * shape / (2 + shape)
    return float(((1 - positive) * fpr) @ cost_fp + (positive * (1 - tpr)) @ cost_fn)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """The reference of the measure is the best decision without scores."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "h_measure",
    "title": "H-measure",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Hand (2009), Measuring classifier performance: a coherent alternative to the AUC",
    "facts": {
        "label": "H-measure",
        "aliases": ["hmeasure"],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": True,
    },
}
