"""Equalization loss v2: positive and negative gradients of every label kept in balance."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from steelyard.losses.distributed import summed
from steelyard.losses.label_loss import LabelLoss
from steelyard.losses.reduction import Reduction

__all__ = ["EqualizationV2Loss"]


class EqualizationV2Loss(LabelLoss):
    r"""Binary cross-entropy whose two sides are re-weighted by the gradients each label has received so far.

    When to use it: long-tailed detection without counts at hand; the balance is measured while training and saved
    with the checkpoint. Evaluation mode leaves it as it is. Under several processes the gradients are summed over
    them.

    With :math:`g` the ratio of accumulated positive to negative gradients of a label and
    :math:`f(g) = 1/(1 + e^{-\gamma (g - \mu)})`: positives weigh :math:`1 + \alpha (1 - f(g))`, negatives
    :math:`f(g)`.

    Args:
        n_classes: the number of labels L.
        gamma, mu: steepness and middle of the mapping.
        alpha: how far positives are lifted.
        reduction: see `Loss`.

    Returns:
        Of scores and indicators (n, L): the loss.

    Raises:
        TargetError: shapes that differ, or another number of labels.

    >>> loss = EqualizationV2Loss(1)
    >>> first = loss(torch.zeros(10, 1), torch.zeros(10, 1))  # nothing gathered yet: plain cross-entropy
    >>> second = loss(torch.zeros(10, 1), torch.zeros(10, 1))  # only "no" was heard: negatives fade
    >>> round(first.item(), 4), round(second.item(), 6)
    (0.6931, 4.7e-05)

    Source: Tan, Lu, Zhang, Yin, Li (2021), Equalization Loss v2: A New Gradient Balance Approach for Long-Tailed
    Object Detection.
    """

    gathered: Tensor

    def __init__(
        self,
        n_classes: int,
        *,
        gamma: float = 12.0,
        mu: float = 0.8,
        alpha: float = 4.0,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        self.n_classes = n_classes
        self.gamma, self.mu, self.alpha = float(gamma), float(mu), float(alpha)
        self.register_buffer("gathered", torch.zeros(2, n_classes))

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Re-weighted cost of each entry; takes note of its gradients while training."""
        positive, negative = self.gathered.to(scores.dtype)
        started = (positive + negative) > 0
        ratio = positive / negative.clamp(min=1e-10)
        fade = torch.where(started, torch.sigmoid(self.gamma * (ratio - self.mu)), 1.0)
        weight = target * (1 + self.alpha * (1 - fade)) + (1 - target) * fade
        if self.training:
            self._gather(scores.detach(), target, weight)
        return weight * binary_cross_entropy_with_logits(scores, target, reduction="none")

    def _gather(self, scores: Tensor, target: Tensor, weight: Tensor) -> None:
        """Add the size of this batch's gradients on both sides."""
        size = ((torch.sigmoid(scores) - target).abs() * weight).flatten(0, -2)
        yes = target.flatten(0, -2)
        both = torch.stack([(size * yes).sum(0), (size * (1 - yes)).sum(0)])
        self.gathered.add_(summed(both).to(self.gathered.dtype))


CARD = {
    "lever": "losses",
    "name": "EqualizationV2Loss",
    "title": "Equalization loss v2 (gradient balance)",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {"n_classes": 3},
    "since": "0.1",
    "status": "claimed",
    "source": "Tan et al. (2021), Equalization Loss v2",
    "facts": {"takes": "labels"},
}
