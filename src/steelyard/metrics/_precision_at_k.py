"""Precision among the k highest scores."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.metrics.ranking import rank_binary
from steelyard.metrics.rows import binary_scored

__all__ = ["precision_at_k"]


def precision_at_k(
    y: ArrayLike, scores: ArrayLike, *, k: float = 100, sample_weight: ArrayLike | None = None
) -> float:
    """The share of positives among the `k` highest scores.

    When to use it: when a fixed number of alerts can be worked on, for example 100 a day.

    Rows tied at the edge count by their share, which is the expectation over random orders of the tie. With
    weights `k` is a sum of weights. With fewer rows than `k` all rows are taken.

    Args:
        y: positions 0 and 1 (n,).
        scores: (n,) for the positive class, or (n, 2).
        k: how many rows are flagged, above zero.
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1]; NaN without positives.

    Raises:
        UsageError: `k` is not above zero.
        NotForMe: more than two classes.

    >>> precision_at_k([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], k=2)
    0.5

    Source: Manning, Raghavan & Schütze (2008), Introduction to information retrieval, section 8.4.
    """
    if not k > 0:
        raise UsageError(f"k is {k}, a number of rows above zero was expected; pass for example k=100")
    ranking = rank_binary(binary_scored(y, scores, sample_weight))
    if not ranking.positives:
        return float("nan")
    flagged = min(float(k), ranking.positives + ranking.negatives)
    return ranking.positives_in_top(flagged) / flagged


def no_skill(prior: Prior) -> float:
    """A random choice of rows holds the prevalence."""
    return float(prior.p[1])


CARD = {
    "lever": "metrics",
    "name": "precision_at_k",
    "title": "Precision among the k highest scores",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Manning, Raghavan & Schütze (2008), Introduction to information retrieval",
    "facts": {
        "label": "precision at k (k = 100)",
        "aliases": [],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": True,
    },
}
