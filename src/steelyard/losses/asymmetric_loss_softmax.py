"""Asymmetric loss for one class a row."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, relative_likelihood
from steelyard.losses.focal_loss import check_gamma
from steelyard.losses.label_loss import power, power_slope
from steelyard.losses.reduction import Reduction

__all__ = ["AsymmetricLossSoftmax"]


class AsymmetricLossSoftmax(ClassLoss):
    r"""Cross-entropy with label smoothing whose wrong classes are focused.

    When to use it: the single-label form of `AsymmetricLoss`.

    :math:`l = -\sum_k \tilde t_k w_k \log p_k` with :math:`w_y = (1-p_y)^{\gamma_+}`, :math:`w_k = p_k^{\gamma_-}`
    for the others, and the smoothed target :math:`\tilde t = (1-\epsilon) e_y + \epsilon / K`.

    Args:
        gamma_neg: focusing of the wrong classes.
        gamma_pos: focusing of the right class.
        smoothing: :math:`\epsilon`.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: a negative gamma, or smoothing outside [0, 1).
        TargetError: scores and target do not fit each other.

    >>> import torch
    >>> loss = AsymmetricLossSoftmax(gamma_neg=1, smoothing=0.5)
    >>> round(loss(torch.zeros(1, 2), torch.tensor([0])).item(), 4)  # log 2 · (0.75 + 0.25 / 2)
    0.6065

    Source: Ridnik, Ben-Baruch, Zamir, Noy, Friedman, Protter, Zelnik-Manor (2021), Asymmetric Loss for Multi-Label
    Classification.
    """

    def __init__(
        self,
        *,
        gamma_neg: float = 4,
        gamma_pos: float = 0,
        smoothing: float = 0.1,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        check_gamma(gamma_neg)
        check_gamma(gamma_pos)
        check_smoothing(smoothing)
        self.gamma_neg, self.gamma_pos, self.smoothing = float(gamma_neg), float(gamma_pos), float(smoothing)

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Asymmetric loss of each row."""
        logp = scores.log_softmax(1)
        right = logp.gather(1, target[:, None])[:, 0]
        p_right = right.exp()
        share = self.smoothing / scores.shape[1]
        kept = (1 - self.smoothing + share) * power(1 - p_right, self.gamma_pos) * right
        if not share:
            return -kept
        wrong = power(logp.exp(), self.gamma_neg) * logp
        return -kept - share * (wrong.sum(1) - power(p_right, self.gamma_neg) * right)

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative."""
        share, at = self.smoothing / scores.shape[1], target[:, None]
        p = torch.empty_like(scores)
        top = relative_likelihood(scores, p)
        total = p.sum(1, keepdim=True)
        p.div_(total)
        logp = scores - top.add_(total.log_())
        right, p_right = logp.gather(1, at), p.gather(1, at)
        fade = power(p, self.gamma_neg)
        # of -s p^g log p by log p, where (p^g)' = g p^g
        costs = -share * (logp.mul_(fade).sum(1, keepdim=True) - fade.gather(1, at) * right)
        torch.add(fade, logp, alpha=self.gamma_neg, out=slopes).mul_(-share)
        keep = -(1 - self.smoothing + share)
        focus = power(1 - p_right, self.gamma_pos)
        slopes.scatter_(1, at, keep * (focus - power_slope(1 - p_right, self.gamma_pos) * p_right * right))
        slopes.addcmul_(p, slopes.sum(1, keepdim=True), value=-1)
        return (costs + keep * focus * right)[:, 0]


def check_smoothing(smoothing: float) -> None:
    """Label smoothing lies in [0, 1)."""
    if not 0 <= smoothing < 1:
        raise UsageError(f"smoothing is {smoothing}, expected a share from 0 up to but not including 1")


CARD = {
    "lever": "losses",
    "name": "AsymmetricLossSoftmax",
    "title": "Asymmetric loss (softmax)",
    "seeds": ["055"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Ridnik et al. (2021), Asymmetric Loss for Multi-Label Classification",
    "facts": {"takes": "classes"},
}
