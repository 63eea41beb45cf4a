"""Balanced softmax: cross-entropy with the training prior added to the logits."""

from __future__ import annotations

import numpy as np

from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["BalancedSoftmaxLoss", "balanced_softmax"]


def balanced_softmax(prior: PriorLike) -> LogitTransform:
    r"""Add the log prior to logits: :math:`z_k + \log \pi_k`.

    When to use it: in a loss, so that the bare logits learn to serve a uniform prior.

    >>> balanced_softmax([75, 25]).add.exp().tolist()
    [0.75, 0.25]
    """
    counts = counts_of(prior)
    return LogitTransform(add=np.log(counts / counts.sum()))


class BalancedSoftmaxLoss(TransformedLoss):
    r"""Cross-entropy that charges the training prior to the loss, so that the logits themselves are balanced.

    When to use it: the first loss to try on a long tail; it has no option and costs nothing. The argmax of the bare
    logits then aims at balanced accuracy. Do not adjust afterwards as well.

    :math:`l = -\log \frac{n_y e^{z_y}}{\sum_k n_k e^{z_k}}`.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> import torch
    >>> round(BalancedSoftmaxLoss([75, 25])(torch.zeros(1, 2), torch.tensor([1])).item(), 4)  # -log 0.25
    1.3863

    Source: Ren, Yu, Sheng, Ma, Zhao, Yi, Li (2020), Balanced Meta-Softmax for Long-Tailed Visual Recognition.
    """

    def __init__(self, prior: PriorLike, *, reduction: Reduction = "mean") -> None:
        super().__init__(balanced_softmax(prior), reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "BalancedSoftmaxLoss",
    "title": "Balanced softmax cross-entropy",
    "seeds": ["054", "071"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Ren et al. (2020), Balanced Meta-Softmax for Long-Tailed Visual Recognition",
    "facts": {"takes": "classes"},
}
