"""How many rows of which hardness: bins and quotas of self-paced sampling, counts of a cascade."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats

__all__ = ["cascade_counts", "hardness_bins", "largest_remainder", "self_paced_quotas"]

Ints = NDArray[np.int64]


def hardness_bins(hard: ArrayLike, k: int) -> Ints | None:
    """The bin of equal width, from 0 to `k` - 1, that each hardness falls into; None if all are alike.

    >>> hardness_bins([0.0, 0.4, 0.6, 1.0], 2).tolist()
    [0, 0, 1, 1]
    """
    values = np.asarray(hard, dtype=float)
    low, high = values.min(), values.max()
    if high - low < 1e-12:  # differences of rounding only
        return None
    return np.asarray(np.minimum(((values - low) * (k / (high - low))).astype(np.int64), k - 1))


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
    harder = np.asarray(mean, dtype=float) + alpha
    # a bin without any hardness carries no information while alpha is 0
    shares = np.divide(1.0, harder, out=np.zeros(len(harder)), where=filled & (harder > 1e-300))
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


def cascade_counts(origin: ArrayLike, target: ArrayLike, n: int) -> Floats:
    r"""How many rows of each class remain after each of `n` rounds (n, K).

    After round :math:`i` (from 1) it is :math:`\lfloor n_c (t_c / n_c)^{i / n} \rfloor`.

    >>> cascade_counts([900, 100], [100, 100], 4)[:, 0].tolist()
    [519.0, 300.0, 173.0, 100.0]
    """
    rows, aim = np.asarray(origin, dtype=float), np.asarray(target, dtype=float)
    ratio = (aim / rows) ** (np.arange(1, n + 1)[:, None] / n)
    # a power that should be whole may come out a hair below
    return np.asarray(np.floor(rows * ratio + 1e-5))
