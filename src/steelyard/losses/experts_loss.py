"""One loss for each expert of a shared network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from steelyard.core import TargetError, UsageError
from steelyard.losses._prior_shift import reversed_prior
from steelyard.losses.balanced_softmax_loss import BalancedSoftmaxLoss
from steelyard.losses.base import IGNORED, ClassLoss, Loss
from steelyard.losses.counts import PriorLike, counts_of
from steelyard.losses.logit_transform import LogitTransform
from steelyard.losses.reduction import Reduction
from steelyard.losses.transformed_loss import TransformedLoss

__all__ = ["DiverseExpertsLoss", "ExpertsLoss"]


class ExpertsLoss(Loss):
    r"""The sum of class losses, one for each expert's own logits.

    When to use it: a multi-expert network (`nets.Experts`) whose experts shall differ: by their losses, or by
    `diversity`.

    :math:`l = \sum_e l_e(z_e, y) - \delta T^2 \sum_e \mathrm{KL}(\sigma(\bar z / T)\,\|\,\sigma(z_e / T))`, where
    :math:`\sigma` is the softmax and :math:`\bar z` the mean of the experts' logits, without gradient.

    Args:
        losses: one class loss an expert.
        diversity: :math:`\delta`, how much disagreement is worth; 0.2 in published runs of RIDE, 0 for none.
        temperature: T.
        reduction: see `Loss`.

    Returns:
        Of scores (n, E, K) and class positions (n,): the loss.

    Raises:
        UsageError: no losses, a negative diversity, or a temperature that is not positive.
        TargetError: scores that do not hold one row of logits for each expert.

    >>> import torch
    >>> loss = ExpertsLoss([TransformedLoss(), TransformedLoss()])
    >>> round(loss(torch.zeros(1, 2, 2), torch.tensor([0])).item(), 4)  # log 2 twice
    1.3863

    Source: Zhang, Hooi, Hong, Feng (2022), Self-Supervised Aggregation of Diverse Experts for Test-Agnostic
    Long-Tailed Recognition; for the diversity Wang, Lian, Miao, Liu, Yu (2021), Long-Tailed Recognition by Routing
    Diverse Distribution-Aware Experts (RIDE).
    """

    def __init__(
        self,
        losses: Sequence[ClassLoss],
        *,
        diversity: float = 0.0,
        temperature: float = 1.0,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        if not losses:
            raise UsageError("no losses came; pass one for each expert")
        if not (diversity >= 0 and temperature > 0):
            raise UsageError(
                f"diversity={diversity}, temperature={temperature} came; "
                "expected a number of at least 0 and a positive one"
            )
        self.losses = nn.ModuleList(losses)
        self.diversity, self.temperature = float(diversity), float(temperature)

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """What each row costs all experts together."""
        if scores.dim() != 3 or scores.shape[1] != len(self.losses):
            raise TargetError(
                f"scores have shape {tuple(scores.shape)}, expected (n, {len(self.losses)}, K): one row an expert"
            )
        total = torch.zeros_like(target, dtype=scores.dtype)
        for logits, loss in zip(scores.unbind(1), self.losses, strict=True):
            assert isinstance(loss, ClassLoss)  # noqa: S101 - the constructor took nothing else
            total = total + loss.values(logits, target)
        if not self.diversity:
            return total
        apart = self.diversity * self.temperature**2 * _disagreement(scores / self.temperature)
        return total - torch.where(target == IGNORED, 0.0, apart)

    def counted(self, scores: Tensor, target: Tensor) -> Tensor | None:  # noqa: ARG002 - as in the base
        """Rows whose class is known."""
        return target != IGNORED


def _disagreement(logits: Tensor) -> Tensor:
    """How far the experts' softmax (n, E, K) is from the softmax of their mean logits, summed over experts (n,)."""
    mean = logits.detach().mean(1, keepdim=True).log_softmax(2)
    return (mean.exp() * (mean - logits.log_softmax(2))).sum((1, 2))


class DiverseExpertsLoss(ExpertsLoss):
    r"""Three experts: one for the prior as it is, one for a uniform prior, one for the prior reversed.

    When to use it: the class shares at deployment are unknown; the experts are combined later
    (`nets.Experts.combine`, or weights found on unlabelled rows).

    Cross-entropy of :math:`z_1`, of :math:`z_2 + \log \pi` and of :math:`z_3 + \log \pi - \tau \log \bar\pi`, where
    :math:`\bar\pi` is the prior in reversed order of rank.

    Args:
        prior: a `Prior` of the training rows, or counts (K,).
        tau: strength of the third expert; 2 in published runs, 1 is safer.
        reduction: see `Loss`.

    Returns:
        Of scores (n, 3, K) and class positions (n,): the loss.

    Raises:
        TooFewSamples: a class without rows.
        TargetError: scores that do not hold three rows of logits.

    >>> [round(a, 4) for a in DiverseExpertsLoss([6, 3, 1], tau=2.0).losses[2].transform.add.tolist()]
    [4.0943, 1.204, -1.2809]

    Source: Zhang, Hooi, Hong, Feng (2022), Self-Supervised Aggregation of Diverse Experts for Test-Agnostic
    Long-Tailed Recognition.
    """

    def __init__(self, prior: PriorLike, *, tau: float = 2.0, reduction: Reduction = "mean") -> None:
        p = counts_of(prior) / counts_of(prior).sum()
        inverse = LogitTransform(add=np.log(p) - tau * np.log(reversed_prior(p)))
        experts = [TransformedLoss(), BalancedSoftmaxLoss(prior), TransformedLoss(inverse)]
        super().__init__(experts, reduction=reduction)


CARD = {
    "lever": "losses",
    "name": "DiverseExpertsLoss",
    "title": "Losses of diverse experts (SADE)",
    "seeds": ["054"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10]},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhang et al. (2022), Self-Supervised Aggregation of Diverse Experts",
    "facts": {"takes": "experts"},
}
