"""Average precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics.ranking import Ranking, rank_classes
from steelyard.metrics.rows import scored

__all__ = ["average_precision"]


def average_precision(y: ArrayLike, scores: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    r"""The mean precision met at each positive when rows are read from the highest score down.

    When to use it: to rank rows when positives are rare and what counts is how clean the top is. It moves
    with prevalence, so never compare it across data sets without the prevalence beside it.

    .. math:: \mathrm{AP} = \sum_t (R_t - R_{t-1})\, P_t

    over distinct scores t, with recall R and precision P of flagging everything down to t. Tied rows enter
    together. It is a step sum: the trapezoid area (`pr_auc_trapezoid`) is another, optimistic number.

    Args:
        y: class positions (n,).
        scores: (n,) for the positive class, or (n, K); with K > 2 the result is the macro mean of one
            class against the rest over the classes that occur in `y`.
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1]; NaN without positives.

    >>> round(average_precision([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2]), 4)
    0.8333

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance, section 2.
    """
    return rank_classes(area, scored(y, scores, sample_weight))


def area(ranking: Ranking) -> float:
    """The step sum for one class."""
    if not ranking.positives:
        return float("nan")
    gained = np.diff(ranking.tp, prepend=0.0)
    return float(gained @ ranking.precision / ranking.positives)


def no_skill(prior: Prior) -> float:
    """A random order reaches the prevalence; its mean over K classes is 1/K."""
    return float(prior.p[1]) if prior.n_classes == 2 else 1 / prior.n_classes


CARD = {
    "lever": "metrics",
    "name": "average_precision",
    "title": "Average precision (area under the precision-recall curve by steps)",
    "seeds": ["005", "012", "016"],
    "since": "0.1",
    "status": "claimed",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {
        "label": "average precision",
        "aliases": ["ap", "auprc"],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
