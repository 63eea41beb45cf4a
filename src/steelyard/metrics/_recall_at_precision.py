"""The largest recall that keeps a wanted precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.metrics.counts import DUST
from steelyard.metrics.ranking import rank_binary
from steelyard.metrics.rows import binary_scored

__all__ = ["recall_at_precision"]


def recall_at_precision(
    y: ArrayLike, scores: ArrayLike, *, precision: float = 0.9, sample_weight: ArrayLike | None = None
) -> float:
    """The largest recall over all thresholds whose precision is at least `precision`.

    When to use it: when false alarms are bounded and the question is how many positives can be caught.

    The threshold is chosen on the rows that judge it, so small samples flatter; where no threshold reaches
    the precision, nothing may be flagged and the recall is 0.

    Args:
        y: positions 0 and 1 (n,).
        scores: (n,) for the positive class, or (n, 2).
        precision: the least precision, in (0, 1].
        sample_weight: (n,) or None.

    Returns:
        A value in [0, 1]; NaN without positives.

    Raises:
        UsageError: `precision` outside (0, 1].
        NotForMe: more than two classes.

    >>> recall_at_precision([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], precision=0.6)
    1.0

    Source: Eban et al. (2017), Scalable learning of non-decomposable objectives.
    """
    if not 0 < precision <= 1:
        raise UsageError(f"precision is {precision}, a share in (0, 1] was expected; pass for example 0.9")
    ranking = rank_binary(binary_scored(y, scores, sample_weight))
    if not ranking.positives:
        return float("nan")
    allowed = ranking.precision >= precision * (1 - DUST)
    return float(np.max(ranking.tp, where=allowed, initial=0.0) / ranking.positives)


def no_skill(prior: Prior) -> float:
    """All positives where flagging every row is precise enough, else none."""
    return float(prior.p[1] >= 0.9)


CARD = {
    "lever": "metrics",
    "name": "recall_at_precision",
    "title": "Largest recall at a wanted precision",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Eban et al. (2017), Scalable learning of non-decomposable objectives",
    "facts": {
        "label": "recall at 90 % precision",
        "aliases": [],
        "takes": "scores",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": True,
    },
}
