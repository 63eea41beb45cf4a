"""How hard rows are for the models so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, TargetError, UsageError

__all__ = ["hardness"]

KINDS = ("absolute", "squared", "cross_entropy")


def hardness(y: ArrayLike, proba: ArrayLike, kind: str = "absolute") -> Floats:
    r"""How far an ensemble is from the truth, row by row.

    When to use it: to tell easy, borderline and hard rows apart, for self-paced ensembles, cascades, mining.

    With :math:`p` the probability of the true class: absolute :math:`1 - p`, squared :math:`(1 - p)^2`,
    cross-entropy :math:`-\ln p`. For two classes the absolute hardness is :math:`|F(x) - y|`.

    Args:
        y: class positions (n,).
        proba: probabilities (n, K); or (n,), the probability of the true class.
        kind: "absolute", "squared" or "cross_entropy".

    Raises:
        UsageError: an unknown kind.
        TargetError: `y` and `proba` do not fit.

    >>> hardness([1, 0], [[0.25, 0.75], [0.25, 0.75]]).tolist()
    [0.25, 0.75]

    Source: Liu et al. (2020), Self-paced Ensemble for Highly Imbalanced Massive Data Classification.
    """
    if kind not in KINDS:
        raise UsageError(f"hardness={kind!r} came, expected one of {', '.join(KINDS)}; pass one of them")
    truth, p = np.asarray(y), np.asarray(proba, dtype=float)
    if len(truth) != len(p) or (p.ndim == 2 and len(truth) and int(truth.max()) >= p.shape[1]):
        raise TargetError(
            f"{len(truth)} labels came with probabilities of shape {p.shape}; pass one row of probabilities "
            "a label and one column a class"
        )
    true = p[np.arange(len(truth)), truth] if p.ndim == 2 else p
    if kind == "cross_entropy":
        return np.asarray(-np.log(np.clip(true, np.finfo(float).eps, 1.0)))
    gap = 1.0 - true
    return np.asarray(gap if kind == "absolute" else gap**2)
