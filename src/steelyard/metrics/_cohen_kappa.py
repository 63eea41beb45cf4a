"""Cohen's kappa."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, over_classes, ratio

__all__ = ["cohen_kappa"]


def cohen_kappa(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""Agreement of truth and decision beyond what their class frequencies alone would give.

    When to use it: where publications or raters' agreement use it; otherwise `mcc`, which it follows closely.
    It moves with prevalence.

    .. math:: \kappa = \frac{p_o - p_e}{1 - p_e},\quad p_e = \sum_k p_{k\cdot}\, p_{\cdot k}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K, or None for as many as occur.

    Returns:
        A value in [-1, 1]; NaN when truth and decisions all name the same single class.

    >>> cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0])
    0.5

    Source: Cohen (1960), A coefficient of agreement for nominal scales.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    if len(matrix) == 2:
        return over_classes(from_counts, matrix)
    truth, decided, total = matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum()
    agreeing = truth @ decided
    away = total**2 - agreeing if np.count_nonzero(truth + decided) > 1 else 0.0
    return float(ratio(matrix.trace() * total - agreeing, away))


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    hit, false, missed, left = (np.asarray(count, dtype=np.float64) for count in (tp, fp, fn, tn))
    away = (hit + false) * (false + left) + (hit + missed) * (missed + left)
    return ratio(2 * (hit * left - false * missed), away)


def no_skill(prior: Prior) -> float:  # noqa: ARG001 - every metric's closed form takes the prior
    """Decisions that know nothing agree by chance only."""
    return 0.0


CARD = {
    "lever": "metrics",
    "name": "cohen_kappa",
    "title": "Cohen's kappa",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Cohen (1960), A coefficient of agreement for nominal scales",
    "facts": {
        "label": "Cohen's kappa",
        "aliases": ["kappa"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": True,
        "range": [-1.0, 1.0],
        "binary_only": False,
    },
}
