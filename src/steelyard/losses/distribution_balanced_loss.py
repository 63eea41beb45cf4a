"""Distribution-balanced loss for long-tailed multi-label data."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from steelyard.core import UsageError
from steelyard.losses.counts import PriorLike, buffer, counts_of
from steelyard.losses.focal_loss import check_gamma
from steelyard.losses.label_loss import LabelLoss, power
from steelyard.losses.reduction import Reduction
from steelyard.losses.sigmoid_focal_loss import focused_sloped

__all__ = ["DistributionBalancedLoss"]


class DistributionBalancedLoss(LabelLoss):
    r"""Binary cross-entropy that undoes the side effects of sampling rows for their rare labels.

    When to use it: long-tailed labels that occur together, with or without class-aware sampling.

    Three parts: each row's labels are re-weighted by how much oftener the row is drawn than its label needs,
    :math:`r = \alpha + \sigma(\beta (\frac{1/n_k}{\sum_j y_j / n_j} - \mu))`; logits start at their prior,
    :math:`z - \nu_k` with :math:`\nu_k = \frac{\kappa}{\lambda} \log(N / n_k - 1)`; negatives are tolerated,
    :math:`\frac{1}{\lambda} \mathrm{BCE}(\lambda z, 0)`. On top comes focusing.

    Args:
        prior: a `Prior.of_indicators` of the training rows, or counts (L,) of positives.
        n_rows: N, how many training rows there were.
        alpha, beta, mu: the smooth re-weighting.
        scale: :math:`\lambda`, at least 1.
        bias: :math:`\kappa`.
        gamma: focusing; 0 turns it off.
        reduction: see `Loss`.

    Returns:
        Of scores and indicators (n, L): the loss. A row without any label gets weight :math:`\alpha + 1`, the limit.

    Raises:
        UsageError: a scale below 1, a negative gamma, or fewer rows than positives of a label.
        TooFewSamples: a label without positives.
        TargetError: shapes that differ, or another number of labels.

    >>> plain = {"alpha": 0.0, "beta": 0.0, "bias": 0.0, "gamma": 0.0}
    >>> loss = DistributionBalancedLoss([50, 10], n_rows=100, reduction="none", **plain)
    >>> loss(torch.zeros(1, 2), torch.tensor([[1, 0]])).tolist()  # half of log 2; negatives a second half
    [[0.3465..., 0.1732...]]

    Source: Wu, Huang, Liu, Wang, Lin (2020), Distribution-Balanced Loss for Multi-Label Classification in Long-Tailed
    Datasets; defaults of its COCO runs.
    """

    inverse: Tensor
    offset: Tensor

    def __init__(
        self,
        prior: PriorLike,
        *,
        n_rows: float,
        alpha: float = 0.1,
        beta: float = 10.0,
        mu: float = 0.2,
        scale: float = 2.0,
        bias: float = 0.05,
        gamma: float = 2.0,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        check_gamma(gamma)
        if not scale >= 1:
            raise UsageError(f"scale is {scale}, expected at least 1; 2 to 5 are usual")
        counts = counts_of(prior)
        if n_rows <= counts.max():
            raise UsageError(
                f"n_rows is {n_rows}, but a label has {counts.max():g} positives; pass all training rows"
            )
        self.alpha, self.beta, self.mu = float(alpha), float(beta), float(mu)
        self.scale, self.gamma, self.n_classes = float(scale), float(gamma), len(counts)
        buffer(self, "inverse", 1 / counts)
        buffer(self, "offset", -bias * np.log(n_rows / counts - 1) / scale)

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Balanced cost of each entry."""
        shifted = scores + self.offset.to(scores.dtype)
        z = shifted * torch.lerp(torch.full_like(target, self.scale), torch.ones_like(target), target)
        cost = binary_cross_entropy_with_logits(z, target, reduction="none")
        if self.gamma:
            cost = power(-torch.expm1(-cost), self.gamma) * cost
        return self._weight(target) * cost * (target + (1 - target) / self.scale)

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative, in which the scale of negatives and the division by it cancel."""
        steep, weight = torch.rsub(target, self.scale, alpha=1 + self.scale), self._weight(target)
        wrong = scores.add(self.offset.to(scores.dtype)).mul_(steep)
        cost = focused_sloped(wrong, self.gamma, slopes)
        cost.mul_(weight).div_(steep).abs_()
        slopes.mul_(weight).mul_(steep.sign_())
        return cost

    def _weight(self, target: Tensor) -> Tensor:
        """What each entry weighs, by how much oftener its row is drawn than the label needs."""
        rare = self.inverse.to(target.dtype)
        drawn = (target @ rare)[..., None]
        # a row without labels is never drawn for one of them, which leaves the limit
        often = torch.where(drawn > 0, self.beta / torch.where(drawn > 0, drawn, 1.0), 0.0)
        bare = torch.where(drawn > 0, -self.beta * self.mu, torch.inf if self.beta else 0.0)
        return torch.mul(often, rare).add_(bare).sigmoid_().add_(self.alpha)


CARD = {
    "lever": "losses",
    "name": "DistributionBalancedLoss",
    "title": "Distribution-balanced loss (multi-label)",
    "seeds": ["026"],
    "needs": ["torch"],
    "example": {"prior": [300, 90, 10], "n_rows": 1000},
    "since": "0.1",
    "status": "claimed",
    "source": "Wu et al. (2020), Distribution-Balanced Loss for Multi-Label Classification in Long-Tailed Datasets",
    "facts": {"takes": "labels"},
}
