"""Equalization loss for one class a row."""

from __future__ import annotations

from math import log1p

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import check_classes
from steelyard.losses.blocks import BLOCK, worthwhile
from steelyard.losses.counts import PriorLike, buffer, counts_of
from steelyard.losses.equalization_loss import check_share
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["SoftmaxEqualizationLoss"]

FAR = -1e4
"""A stand-in for the logarithm of 0, far below any logit, that keeps gradients finite."""


class SoftmaxEqualizationLoss(TransformedLoss):
    r"""Cross-entropy in which rare classes often leave the denominator of other classes' rows.

    When to use it: the softmax form of `EqualizationLoss`, for long-tailed classification.

    :math:`l = -\log \frac{e^{z_y}}{\sum_k w_k e^{z_k}}`, :math:`w_k = 1 - \beta [\pi_k < \lambda][k \neq y]` with
    :math:`\beta = 1` with probability :math:`\gamma`, drawn anew for every entry while training as dropout is. In
    evaluation mode its expectation takes its place.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        threshold: :math:`\lambda`, the share below which a class is rare.
        dropped: :math:`\gamma`, how often a rare class is left out.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: a threshold or share outside [0, 1].
        TooFewSamples: a class without rows.
        TargetError: scores and target do not fit each other or the prior.

    >>> loss = SoftmaxEqualizationLoss([98, 1, 1], threshold=0.05, dropped=0.5).eval()
    >>> round(loss(torch.zeros(1, 3), torch.tensor([0])).item(), 4)  # log(1 + 0.5 + 0.5)
    0.6931

    Source: Tan, Wang, Li, Li, Ouyang, Yin, Yan (2020), Equalization Loss for Long-Tailed Object Recognition.
    """

    rare: Tensor

    def __init__(
        self,
        prior: PriorLike,
        *,
        threshold: float = 1.8e-3,
        dropped: float = 0.9,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not 0 <= dropped <= 1:
            raise UsageError(f"dropped is {dropped}, expected a probability between 0 and 1")
        counts = counts_of(prior)
        self.dropped, self.n_classes = float(dropped), len(counts)
        buffer(self, "rare", (counts / counts.sum() < check_share(threshold)))

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """Equalized cost of each row."""
        check_classes(scores, target, self.n_classes)
        return super().values(scores + self._less(scores, target), target)

    def _less(self, scores: Tensor, target: Tensor) -> Tensor:
        """What the logits lose."""
        rare = self.rare.to(scores.dtype).reshape(-1, *(1,) * (scores.dim() - 2))
        own = target.clamp(min=0).unsqueeze(1)
        if self.training:
            return drawn(scores, self.dropped).mul_(FAR * rare).scatter_(1, own, 0.0)
        less = rare.mul(max(log1p(-self.dropped), FAR) if self.dropped < 1 else FAR)
        return less.expand_as(scores).scatter(1, own, 0.0)


def drawn(like: Tensor, share: float) -> Tensor:
    """Ones with probability `share`, else zeros, shaped as a tensor.

    Where blocks serve, four draws of 16 bits come from one of 64, in a seventh of the time; the probability is then
    rounded to a multiple of 2^-16.
    """
    ones = torch.empty_like(like, memory_format=torch.contiguous_format)
    if not worthwhile(like):
        return ones.bernoulli_(share)
    bits = torch.empty(-(-like.numel() // 4), dtype=torch.int64).random_(-(2**63), None).view(torch.int16)
    least = round(share * 2**16) - 2**15
    flat = ones.view(-1)
    for start in range(0, len(flat), BLOCK):
        part = flat[start : start + BLOCK]
        part.copy_(bits[start : start + len(part)]).sub_(least).clamp_(-1, 0).neg_()
    return ones


CARD = {
    "lever": "losses",
    "name": "SoftmaxEqualizationLoss",
    "title": "Equalization loss (softmax)",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10], "threshold": 0.05},
    "since": "0.1",
    "status": "claimed",
    "source": "Tan et al. (2020), Equalization Loss for Long-Tailed Object Recognition",
    "facts": {"takes": "classes"},
}
