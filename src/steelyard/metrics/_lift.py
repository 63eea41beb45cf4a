"""Lift of the top share of rows."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.metrics.ranking import rank_binary
from steelyard.metrics.rows import binary_scored

__all__ = ["lift"]


def lift(
    y: ArrayLike, scores: ArrayLike, *, share: float = 0.1, sample_weight: ArrayLike | None = None
) -> float:
    """How many times more positives the top `share` of rows holds than a random choice of that size.

    When to use it: for campaigns that reach a fixed share of all rows. The largest possible value is
    1 / max(share, prevalence), so it moves with prevalence.

    Rows tied at the edge count by their share.

    Args:
        y: positions 0 and 1 (n,).
        scores: (n,) for the positive class, or (n, 2).
        share: the share of rows (of weight) that is flagged, in (0, 1].
        sample_weight: (n,) or None.

    Returns:
        A value from 0 up, 1 is chance; NaN without positives.

    Raises:
        UsageError: `share` outside (0, 1].
        NotForMe: more than two classes.

    >>> lift([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], share=0.25)
    2.0

    Source: Ling & Li (1998), Data mining for direct marketing: problems and solutions.
    """
    if not 0 < share <= 1:
        raise UsageError(f"share is {share}, a share of rows in (0, 1] was expected; pass for example 0.1")
    ranking = rank_binary(binary_scored(y, scores, sample_weight))
    if not ranking.positives:
        return float("nan")
    flagged = share * (ranking.positives + ranking.negatives)
    return ranking.positives_in_top(flagged) / (share * ranking.positives)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """A random choice lifts nothing."""
    return 1.0


CARD = {
    "lever": "metrics",
    "name": "lift",
    "title": "Lift of the top share of rows",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Ling & Li (1998), Data mining for direct marketing: problems and solutions",
    "facts": {
        "label": "lift of the top tenth",
        "aliases": [],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, None],
        "binary_only": True,
    },
}
