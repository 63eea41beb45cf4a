"""How much every learner counts in a blend: the shares under which the out-of-fold truth is most probable."""

from __future__ import annotations

import numpy as np

from steelyard.core import Floats

__all__ = ["learn_shares"]

SWEEPS = 200
SETTLED = 1e-4
FLOOR = 1e-6  # one row a member got utterly wrong must not decide alone


def learn_shares(right: Floats, weight: Floats | None = None) -> Floats:
    r"""Shares of a linear pool, by maximum likelihood.

    When to use it: on out-of-fold probabilities of several models; a poor model gets a share near zero, two alike
    ones divide theirs. Few numbers are learned from many rows, so little can be overfitted.

    Maximises :math:`\sum_i w_i \log \sum_m s_m q_{im}` over shares :math:`s_m \ge 0` that sum to one, where
    :math:`q_{im}` is the probability model m gave to the true class of row i. Expectation-maximisation needs no
    step size: :math:`s_m \leftarrow \sum_i w_i \frac{s_m q_{im}}{\sum_l s_l q_{il}} / \sum_i w_i`.

    Args:
        right: probabilities of the true classes (n, M).
        weight: (n,) or None.

    Returns:
        Shares (M,); equal ones without rows.

    >>> learn_shares(np.array([[0.9, 0.5], [0.8, 0.5], [0.9, 0.4]])).round(2).tolist()
    [1.0, 0.0]

    Source: Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm.
    """
    shares = np.full(right.shape[1], 1 / right.shape[1])
    if not len(right):
        return shares
    likely = np.clip(right, FLOOR, 1)
    mass = np.ones(len(right)) if weight is None else np.asarray(weight, dtype=float)
    for _ in range(SWEEPS):
        before, pooled = shares, likely @ shares
        shares = shares * ((mass / pooled) @ likely) / mass.sum()
        if np.abs(shares - before).max() < SETTLED:
            break
    return np.asarray(shares / shares.sum())
