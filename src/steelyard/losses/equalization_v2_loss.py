"""Equalization loss v2: positive and negative gradients of every label kept in balance."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from steelyard.losses.distributed import summed
from steelyard.losses.label_loss import LabelLoss, evaluated, weighted_sloped
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

    def evaluated(self, scores: Tensor, target: Tensor, share: float | None) -> Tensor:
        """One value for each entry, or the sum of a share; takes note of the gradients while training."""
        wanted = self.checked(scores, target)
        fade = self._fade(scores.dtype)
        lift = 1 + self.alpha * (1 - fade)
        heard: list[Tensor] = []

        def formula(z: Tensor, y: Tensor) -> Tensor:
            return torch.lerp(fade, lift, y) * binary_cross_entropy_with_logits(z, y, reduction="none")

        def sloped(z: Tensor, y: Tensor, slopes: Tensor) -> Tensor:
            costs = weighted_sloped(z, y, torch.lerp(fade, lift, y), slopes)
            heard.append(_sides(slopes, y))
            return costs

        costs = evaluated(formula, sloped, scores, wanted, share)
        if self.training:
            if not heard:
                slopes = (torch.sigmoid(scores.detach()) - wanted) * torch.lerp(fade, lift, wanted)
                heard.append(_sides(slopes, wanted))
            self.gathered.add_(summed(torch.stack(heard).sum(0)).to(self.gathered.dtype))
        return costs

    def _fade(self, dtype: torch.dtype) -> Tensor:
        """What negatives of each label weigh; nothing fades before anything was heard."""
        positive, negative = self.gathered.to(dtype)
        ratio = positive / negative.clamp(min=1e-10)
        started = (positive + negative) > 0
        return torch.where(started, torch.sigmoid(self.gamma * (ratio - self.mu)), 1.0)


def _sides(slopes: Tensor, target: Tensor) -> Tensor:
    """The size of the gradients (2, L) of positives, whose slopes are negative, and of negatives."""
    flat, yes = slopes.flatten(0, -2), target.flatten(0, -2)
    positive = -(flat * yes).sum(0)
    return torch.stack([positive, flat.sum(0) + positive])


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
