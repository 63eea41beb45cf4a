"""Precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics.counts import confusion_matrix, over_classes, ratio

__all__ = ["precision"]


def precision(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The share of flagged rows that are positive.

    When to use it: beside recall, when the cost of a false alarm is felt one by one.

    .. math:: \frac{TP}{TP + FP}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 the result is the macro mean over the classes that occur in `y`.

    Returns:
        A value in [0, 1]; for two classes NaN when nothing is flagged; in a macro mean a class that is never
        decided counts 0, otherwise ignoring rare classes would pay.

    >>> precision([1, 1, 0, 0], [1, 0, 1, 0])
    0.5

    Source: van Rijsbergen (1979), Information retrieval, chapter 7.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    return over_classes(from_counts, matrix, undefined=0.0)


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:  # noqa: ARG001 - one signature for all count metrics
    """The value from confusion counts of any common shape."""
    return ratio(tp, np.add(tp, fp))


def no_skill(prior: Prior) -> float:
    """Flag at random: the prevalence; at random over K > 2 classes: 1/K."""
    return float(prior.p[1]) if prior.n_classes == 2 else 1 / prior.n_classes


CARD = {
    "lever": "metrics",
    "name": "precision",
    "title": "Precision (positive predictive value)",
    "seeds": ["001", "012"],
    "since": "0.1",
    "status": "claimed",
    "source": "van Rijsbergen (1979), Information retrieval",
    "facts": {
        "label": "precision",
        "aliases": ["ppv"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
