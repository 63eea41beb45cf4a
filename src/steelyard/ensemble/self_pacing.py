"""How hard rows are for an ensemble, and how many rows of each hardness its next member sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, TargetError, UsageError
from steelyard.ensemble.rows import Ints

__all__ = ["hardness", "largest_remainder", "self_paced_quotas"]

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


def largest_remainder(shares: ArrayLike, total: int) -> Ints:
    """Whole numbers that sum to `total` and follow `shares`; what rounding leaves goes to the largest rests.

    >>> largest_remainder(np.array([0.633, 0.367]), 20).tolist()
    [13, 7]
    """
    exact = np.asarray(shares, dtype=float) / np.sum(shares) * total
    # an exact 18 may come out as 17.999…96, which must not lose its row to another bin
    whole = np.floor(exact + 1e-9)
    missing = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:missing]] += 1
    return np.asarray(whole, dtype=np.int64)


def self_paced_quotas(
    size: ArrayLike, mean: ArrayLike, total: int, alpha: float, *, capacity: ArrayLike | None = None
) -> Ints:
    """How many of `total` rows come from each bin: shares of 1 / (mean hardness + alpha), none if empty.

    Args:
        size: rows (or mass) in each bin (k,).
        mean: mean hardness of each bin (k,).
        total: rows to draw.
        alpha: the self-paced factor; 0 gives every bin the same summed hardness, infinity the same count.
        capacity: the most rows a bin can give (k,); None if rows may repeat.

    >>> [self_paced_quotas(np.array([60, 40]), np.array([0.1, 0.9]), 20, a).tolist() for a in (0, 1, 1e16)]
    [[18, 2], [13, 7], [10, 10]]
    """
    filled = np.asarray(size) > 0
    with np.errstate(divide="ignore", over="ignore"):
        shares = np.where(filled, 1.0 / (np.asarray(mean, dtype=float) + alpha), 0.0)
    # a bin without any hardness carries no information while alpha is 0
    shares[~np.isfinite(shares)] = 0.0
    if not shares.any():
        shares = filled.astype(float)
    if capacity is None:
        return largest_remainder(shares, total)
    return _within(shares, total, np.where(filled, capacity, 0).astype(np.int64))


def _within(shares: Floats, total: int, capacity: Ints) -> Ints:
    """Quotas that fill bins up to their capacity and pass the rest on to bins that still have room."""
    quotas = np.zeros(len(shares), dtype=np.int64)
    total = min(total, int(capacity.sum()))
    while (missing := total - int(quotas.sum())) > 0:
        room = capacity - quotas
        open_shares = np.where(room > 0, shares, 0.0)
        if not open_shares.any():
            open_shares = room.astype(float)
        quotas += np.minimum(largest_remainder(open_shares, missing), room)
    return quotas
