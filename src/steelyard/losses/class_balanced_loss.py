"""Class-balanced loss: weights by the effective number of samples."""

from __future__ import annotations

from steelyard.core import Prior
from steelyard.losses.base import ClassLoss
from steelyard.losses.class_weighted_loss import ClassWeightedLoss
from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.reduction import Reduction
from steelyard.weights import effective_number

__all__ = ["ClassBalancedLoss"]


class ClassBalancedLoss(ClassWeightedLoss):
    r"""Any class loss weighted by the inverse of the effective number of samples.

    When to use it: long tails whose common classes repeat themselves; around `FocalLoss` it is class-balanced focal
    loss. Published runs use beta from 0.9 to 0.9999, and the value matters.

    :math:`w_k \propto (1-\beta)/(1-\beta^{n_k})` with :math:`\sum_k w_k = K`.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        beta: from 0 (no weights) up to but not including 1 (inverse frequency).
        loss: the loss of each row; None for cross-entropy.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: beta outside [0, 1).
        TooFewSamples: a class without rows.

    >>> ClassBalancedLoss([1000, 100, 10], beta=0.9999).weight.tolist()
    [0.02836..., 0.27125..., 2.70038...]

    Source: Cui, Jia, Lin, Song, Belongie (2019), Class-Balanced Loss Based on Effective Number of Samples.
    """

    def __init__(
        self,
        prior: PriorLike,
        *,
        beta: float = 0.9999,
        loss: ClassLoss | None = None,
        reduction: Reduction = "weighted_mean",
    ) -> None:
        counts = counts_of(prior)
        weight = effective_number(beta)(Prior(tuple(range(len(counts))), counts))
        super().__init__(weight / weight.mean(), loss, reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "ClassBalancedLoss",
    "title": "Class-balanced loss (effective number of samples)",
    "seeds": ["022", "071", "079", "084"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10], "beta": 0.999},
    "since": "0.1",
    "status": "claimed",
    "source": "Cui et al. (2019), Class-Balanced Loss Based on Effective Number of Samples",
    "facts": {"takes": "classes"},
}
