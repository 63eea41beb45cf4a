"""Specificity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats
from steelyard.metrics.counts import confusion_matrix, over_classes, ratio

__all__ = ["specificity"]


def specificity(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The share of negatives that are left alone.

    When to use it: beside recall, never alone: flagging no row reaches 1, which is why no no-skill value is
    claimed.

    .. math:: \frac{TN}{TN + FP}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 the result is the macro mean over the classes that occur in `y`.

    Returns:
        A value in [0, 1]; NaN without negatives.

    >>> specificity([1, 1, 0, 0], [1, 0, 1, 0])
    0.5

    Source: Yerushalmy (1947), Statistical problems in assessing methods of medical diagnosis.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    return over_classes(from_counts, matrix)


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:  # noqa: ARG001 - one signature for all count metrics
    """The value from confusion counts of any common shape."""
    return ratio(tn, np.add(tn, fp))


CARD = {
    "lever": "metrics",
    "name": "specificity",
    "title": "Specificity (true negative rate)",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Yerushalmy (1947), Statistical problems in assessing methods of medical diagnosis",
    "facts": {
        "label": "specificity",
        "aliases": ["tnr"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": False,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
