"""The largest precision that keeps a wanted recall."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.metrics.counts import DUST
from steelyard.metrics.ranking import rank_binary
from steelyard.metrics.rows import binary_scored

__all__ = ["precision_at_recall"]


def precision_at_recall(
    y: ArrayLike, scores: ArrayLike, *, recall: float = 0.9, sample_weight: ArrayLike | None = None
) -> float:
    """The largest precision over all thresholds whose recall is at least `recall`.

    When to use it: when a share of the positives must be caught and the question is at what price in false
    alarms. The threshold is chosen on the rows that judge it, so small samples flatter.

    Args:
        y: positions 0 and 1 (n,).
        scores: (n,) for the positive class, or (n, 2).
        recall: the least recall, in (0, 1].
        sample_weight: (n,) or None.

    Returns:
        A value in [prevalence, 1]; NaN without positives.

    Raises:
        UsageError: `recall` outside (0, 1].
        NotForMe: more than two classes.

    >>> round(precision_at_recall([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], recall=0.9), 4)
    0.6667

    Source: Eban et al. (2017), Scalable learning of non-decomposable objectives.
    """
    if not 0 < recall <= 1:
        raise UsageError(f"recall is {recall}, a share in (0, 1] was expected; pass for example 0.9")
    ranking = rank_binary(binary_scored(y, scores, sample_weight))
    if not ranking.positives:
        return float("nan")
    enough = ranking.tp >= recall * ranking.positives * (1 - DUST)
    return float(ranking.precision[enough].max())


def no_skill(prior: Prior) -> float:
    """The precision of flagging every row."""
    return float(prior.p[1])


CARD = {
    "lever": "metrics",
    "name": "precision_at_recall",
    "title": "Largest precision at a wanted recall",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Eban et al. (2017), Scalable learning of non-decomposable objectives",
    "facts": {
        "label": "precision at 90 % recall",
        "aliases": [],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": True,
    },
}
