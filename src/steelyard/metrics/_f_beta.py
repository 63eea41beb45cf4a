"""F-beta."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior, UsageError
from steelyard.metrics.counts import confusion_matrix, over_classes, ratio

__all__ = ["f_beta"]


def f_beta(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    beta: float = 1.0,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""The weighted harmonic mean of precision and recall.

    When to use it: when both errors on the rare class matter and true negatives do not; recall counts `beta`
    times as much as precision. It moves with prevalence.

    .. math:: F_\beta = \frac{(1+\beta^2)\,TP}{(1+\beta^2)\,TP + \beta^2 FN + FP}

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        beta: how much recall counts, above zero.
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 the result is the macro mean over the classes that occur in `y`.

    Returns:
        A value in [0, 1]; for two classes NaN when nothing is positive and nothing is flagged.

    Raises:
        UsageError: `beta` is not above zero.

    >>> round(f_beta([1, 1, 0, 0], [1, 0, 0, 0], beta=2), 4)
    0.5556

    Source: van Rijsbergen (1979), Information retrieval, chapter 7.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=n_classes)
    return over_classes(lambda tp, fp, fn, tn: from_counts(tp, fp, fn, tn, beta=beta), matrix)


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike, *, beta: float = 1.0) -> Floats:  # noqa: ARG001 - one signature for all count metrics
    """The value from confusion counts of any common shape."""
    if not beta > 0:
        raise UsageError(f"beta is {beta}, a number above zero was expected; pass 1 for F1 or 2 for F2")
    hits, square = (1 + beta**2) * np.asarray(tp, dtype=np.float64), beta**2
    return ratio(hits, hits + square * np.asarray(fn) + np.asarray(fp))


def no_skill(prior: Prior, *, beta: float = 1.0) -> float:
    """Flag every row; for K > 2 classes decide at random with the prior's rates, which gives 1/K."""
    if prior.n_classes > 2:
        return 1 / prior.n_classes
    share = float(prior.p[1])
    return (1 + beta**2) * share / (beta**2 * share + 1)


CARD = {
    "lever": "metrics",
    "name": "f_beta",
    "title": "F-beta",
    "seeds": ["001", "012"],
    "example": {"beta": 2.0},
    "since": "0.1",
    "status": "claimed",
    "source": "van Rijsbergen (1979), Information retrieval",
    "facts": {
        "label": "F-beta (beta = 1)",
        "aliases": ["fbeta"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
