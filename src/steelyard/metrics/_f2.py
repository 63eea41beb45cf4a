"""F2: F-beta with beta = 2."""

from __future__ import annotations

from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior
from steelyard.metrics import _f_beta

__all__ = ["f2"]


def f2(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    """`f_beta` with beta = 2: recall counts twice as much as precision.

    When to use it: when a miss is worse than a false alarm but false alarms still matter.

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        sample_weight: (n,) or None.
        n_classes: K; with K > 2 the result is the macro mean over the classes that occur in `y`.

    Returns:
        A value in [0, 1]; for two classes NaN when nothing is positive and nothing is flagged.

    >>> round(f2([1, 1, 0, 0], [1, 0, 0, 0]), 4)
    0.5556

    Source: van Rijsbergen (1979), Information retrieval, chapter 7.
    """
    return _f_beta.f_beta(y, decisions, beta=2, sample_weight=sample_weight, n_classes=n_classes)


def from_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Floats:
    """The value from confusion counts of any common shape."""
    return _f_beta.from_counts(tp, fp, fn, tn, beta=2)


def no_skill(prior: Prior) -> float:
    """Flag every row; for K > 2 classes decide at random with the prior's rates."""
    return _f_beta.no_skill(prior, beta=2)


CARD = {
    "lever": "metrics",
    "name": "f2",
    "title": "F2",
    "seeds": ["001", "012"],
    "since": "0.1",
    "status": "claimed",
    "source": "van Rijsbergen (1979), Information retrieval",
    "facts": {
        "label": "F2",
        "aliases": ["f2_score"],
        "takes": "decisions",
        "direction": "max",
        "prior_sensitive": True,
        "range": [0.0, 1.0],
        "binary_only": False,
    },
}
