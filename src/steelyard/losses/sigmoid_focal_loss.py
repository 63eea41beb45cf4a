"""Focal loss for yes-or-no labels, and its star variant."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from steelyard.core import UsageError
from steelyard.losses.focal_loss import check_gamma
from steelyard.losses.label_loss import LabelLoss, power
from steelyard.losses.reduction import Reduction

__all__ = ["SigmoidFocalLoss"]


class SigmoidFocalLoss(LabelLoss):
    r"""Focal loss of independent yes-or-no decisions.

    When to use it: dense detection and multi-label data, where nearly every entry is an easy "no". Sum it and
    divide by the number of foreground entries (`reduction="sum"`) in a detector; start the last layer's bias at
    :math:`-\log((1-\pi)/\pi)` with :math:`\pi = 0.01`.

    :math:`l = \alpha_t (1 - p_t)^\gamma (-\log p_t)` with :math:`p_t = p` and :math:`\alpha_t = \alpha` where the
    label is 1, :math:`1-p` and :math:`1-\alpha` where it is 0. `star` takes
    :math:`-\log \sigma(\gamma x_t) / \gamma` with :math:`x_t = \pm x` instead.

    Args:
        gamma: focusing, 0 for plain binary cross-entropy.
        alpha: share of the positives, such as 0.25; None weighs both sides alike.
        star: the variant of the paper's appendix; gamma must be positive.
        reduction: see `Loss`.

    Returns:
        Of scores and indicators of the same shape: the loss. Indicators are 0 or 1; for mixed labels mix two losses.

    Raises:
        UsageError: gamma below 0 or alpha outside [0, 1].
        TargetError: shapes that differ.

    >>> loss = SigmoidFocalLoss(alpha=0.25)
    >>> round(loss(torch.zeros(1), torch.ones(1)).item(), 7), round(loss(torch.zeros(1), torch.zeros(1)).item(), 7)
    (0.0433217, 0.1299651)

    Source: Lin, Goyal, Girshick, He, Dollár (2017), Focal Loss for Dense Object Detection.
    """

    def __init__(
        self,
        *,
        gamma: float = 2.0,
        alpha: float | None = None,
        star: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        check_gamma(gamma)
        if star and gamma == 0:
            raise UsageError("gamma is 0, but the star variant divides by it; pass a positive number")
        if alpha is not None and not 0 <= alpha <= 1:
            raise UsageError(f"alpha is {alpha}, expected the positives' share between 0 and 1, or None")
        self.gamma, self.alpha, self.star = float(gamma), alpha, star

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Focal loss of each entry, from how far its score is on the wrong side."""
        wrong = scores * (1 - 2 * target)
        if self.star:
            cost = softplus(self.gamma * wrong) / self.gamma
        elif self.gamma == 0:
            cost = softplus(wrong)
        else:
            cost = power(torch.sigmoid(wrong), self.gamma) * softplus(wrong)
        if self.alpha is None:
            return cost
        return cost * ((2 * self.alpha - 1) * target + (1 - self.alpha))

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative."""
        side = torch.rsub(target, 1, alpha=2)
        wrong = scores * side
        if self.star:
            torch.sigmoid(wrong.mul_(self.gamma), out=slopes)
            cost = softplus(wrong).div_(self.gamma)
        else:
            cost = focused_sloped(wrong, self.gamma, slopes)
        if self.alpha is None:
            slopes.mul_(side)
            return cost
        share = torch.rsub(target, 1 - self.alpha)  # with the sign of the side
        slopes.mul_(share)
        return cost.mul_(share.abs_())


def focused_sloped(wrong: Tensor, gamma: float, slopes: Tensor) -> Tensor:
    """The focused cost of scores that count as wrong the higher they are, and its derivative."""
    p = torch.sigmoid(wrong)
    cost = softplus(wrong)
    if not gamma:
        slopes.copy_(p)
        return cost
    fade = power(p, gamma)
    cost.mul_(fade)
    # (p^g c)' = p^g p + g (1 - p) p^g c
    torch.mul(fade, p, out=slopes).addcmul_(p.neg_().add_(1), cost, value=gamma)
    return cost


CARD = {
    "lever": "losses",
    "name": "SigmoidFocalLoss",
    "title": "Focal loss (sigmoid)",
    "seeds": ["055", "057", "059"],
    "needs": ["torch"],
    "example": {"alpha": 0.25},
    "since": "0.1",
    "status": "claimed",
    "source": "Lin et al. (2017), Focal Loss for Dense Object Detection",
    "facts": {"takes": "labels"},
}
