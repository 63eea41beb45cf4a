"""Bring class weights to the scale every learner expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, Prior

__all__ = ["mean_one"]


def mean_one(weight: ArrayLike, prior: Prior) -> Floats:
    r"""Scale class weights so that the weights of all training rows average one.

    When to use it: after computing class weights of your own, so that learning rates and penalties keep their
    meaning. :math:`w_k \leftarrow w_k \sum_j n_j / \sum_j n_j w_j`. A class without rows gets weight
    0: no row carries it, and it must not blow up the others.

    Args:
        weight: raw class weights (K,), at least 0; where a class has no rows any value is allowed.
        prior: the counts the rows have.

    Returns:
        Class weights (K,) with :math:`\sum_k n_k w_k = \sum_k n_k`.

    Raises:
        DataError: not one weight a class, or no class with rows has a positive finite weight.

    >>> mean_one([1, 9], Prior.of([0] * 9 + [1])).tolist()
    [0.5555555555555556, 5.0]
    """
    raw = np.asarray(weight, dtype=np.float64)
    if raw.shape != prior.counts.shape:
        raise DataError(f"{raw.size} weights came for {prior.n_classes} classes; pass one weight a class")
    kept = np.where(prior.counts > 0, raw, 0.0)
    mass = float(prior.counts @ kept)
    if not np.isfinite(mass) or mass <= 0 or (kept < 0).any():
        raise DataError(
            f"class weights {raw.tolist()} came for counts {prior.counts.tolist()}; every class with rows "
            "needs a finite weight of at least 0, and one of them more"
        )
    return np.asarray(kept * (prior.total / mass))


def occupied(prior: Prior) -> Floats:
    """The counts (K,) with 1 in place of 0, so that formulas stay finite; `mean_one` drops those classes."""
    return np.where(prior.counts > 0, prior.counts, 1.0)
