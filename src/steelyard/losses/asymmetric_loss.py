"""Asymmetric loss for multi-label data."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from steelyard.core import UsageError
from steelyard.losses.focal_loss import check_gamma
from steelyard.losses.label_loss import LabelLoss, power, power_slope
from steelyard.losses.reduction import Reduction

__all__ = ["AsymmetricLoss"]


class AsymmetricLoss(LabelLoss):
    r"""Binary cross-entropy that focuses negatives more than positives and forgives very easy negatives.

    When to use it: many labels, few of them true in a row, some missing. The sum over rows and labels ties the
    learning rate to batch size and label count; pass reduction="mean" to be rid of that.

    :math:`l = -y (1-p)^{\gamma_+} \log p - (1-y)\, p_m^{\gamma_-} \log(1 - p_m)`, :math:`p_m = \max(p - m, 0)`.
    Negatives with :math:`p \leq m` have no gradient at all.

    Args:
        gamma_neg: focusing of negatives.
        gamma_pos: focusing of positives.
        margin: m, the shift of negative probabilities.
        detach_weight: whether the focusing factors count as constants, as in the authors' training runs.
        reduction: see `Loss`.

    Returns:
        Of scores and indicators of the same shape: the loss.

    Raises:
        UsageError: a negative gamma, or a margin outside [0, 1).
        TargetError: shapes that differ.

    >>> loss = AsymmetricLoss()
    >>> round(loss(torch.zeros(1), torch.ones(1)).item(), 6), round(loss(torch.zeros(1), torch.zeros(1)).item(), 6)
    (0.346574, 0.024515)

    Source: Ridnik, Ben-Baruch, Zamir, Noy, Friedman, Protter, Zelnik-Manor (2021), Asymmetric Loss for Multi-Label
    Classification.
    """

    def __init__(
        self,
        *,
        gamma_neg: float = 4,
        gamma_pos: float = 1,
        margin: float = 0.05,
        detach_weight: bool = True,
        reduction: Reduction = "sum",
    ) -> None:
        super().__init__(reduction=reduction)
        check_gamma(gamma_neg)
        check_gamma(gamma_pos)
        if not 0 <= margin < 1:
            raise UsageError(
                f"margin is {margin}, expected a shift of probabilities from 0 up to 1; 0.05 is usual"
            )
        self.gamma_neg, self.gamma_pos = float(gamma_neg), float(gamma_pos)
        self.margin, self.detach_weight = float(margin), detach_weight

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Asymmetric loss of each entry."""
        p = torch.sigmoid(scores)
        shifted = (p - self.margin).clamp(min=0) if self.margin else p
        certain = torch.log1p(-shifted) if self.margin else logsigmoid(-scores)
        focus_neg, focus_pos = shifted, 1 - p
        if self.detach_weight:
            focus_neg, focus_pos = focus_neg.detach(), focus_pos.detach()
        negative = power(focus_neg, self.gamma_neg) * certain
        positive = power(focus_pos, self.gamma_pos) * logsigmoid(scores)
        return -torch.lerp(negative, positive, target)

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative; a cost beyond 87 (in float32) stays there, its derivative does not."""
        tiny = torch.finfo(scores.dtype).tiny
        negative = 1 - target
        side = torch.rsub(negative, 1, alpha=2)
        # of the right answer, as it is and as the margin forgives it
        p = torch.mul(scores, side).sigmoid_().add_(tiny)
        lenient = torch.add(p, negative, alpha=self.margin).clamp_(max=1) if self.margin else p
        certain, wrong = lenient.log(), 1 - lenient
        less = torch.lerp(power(wrong, self.gamma_neg), power(wrong, self.gamma_pos), target).neg_()
        # the derivative of p, as of `lenient` where it is not cut
        torch.addcmul(p, p, p, value=-1, out=slopes).mul_(side)
        if self.margin and self.gamma_neg <= 1:
            slopes.mul_(lenient < 1)
        if not self.detach_weight:
            change = torch.lerp(
                power_slope(wrong, self.gamma_neg), power_slope(wrong, self.gamma_pos), target
            )
            focus_slope = change.mul_(certain).mul_(slopes)
        slopes.mul_(less).div_(lenient)
        if not self.detach_weight:
            slopes.add_(focus_slope)
        return certain.mul_(less)


CARD = {
    "lever": "losses",
    "name": "AsymmetricLoss",
    "title": "Asymmetric loss (multi-label)",
    "seeds": ["026", "055"],
    "needs": ["torch"],
    "example": {"detach_weight": False},
    "since": "0.1",
    "status": "claimed",
    "source": "Ridnik et al. (2021), Asymmetric Loss for Multi-Label Classification",
    "facts": {"takes": "labels"},
}
