"""Equalization loss: rare labels are spared the "no" of other classes' rows."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from steelyard.core import UsageError
from steelyard.losses.counts import PriorLike, buffer, counts_of
from steelyard.losses.label_loss import LabelLoss, weighted_sloped
from steelyard.losses.reduction import Reduction

__all__ = ["EqualizationLoss"]


class EqualizationLoss(LabelLoss):
    r"""Binary cross-entropy that drops the negatives of rare labels.

    When to use it: long-tailed detection with sigmoid scores, where a rare label hears "no" thousands of times for
    every "yes". `SoftmaxEqualizationLoss` is the form for one class a row.

    :math:`l_{ik} = w_{ik}\,\mathrm{BCE}(z_{ik}, y_{ik})`, :math:`w_{ik} = 1 - [\pi_k < \lambda](1 - y_{ik})`.

    Args:
        prior: a `Prior` of the training rows, or counts (L,).
        threshold: :math:`\lambda`, the share below which a label is rare.
        reduction: see `Loss`.

    Returns:
        Of scores and indicators (…, L): the loss.

    Raises:
        UsageError: a threshold outside [0, 1].
        TooFewSamples: a label without rows.
        TargetError: shapes that differ, or another number of labels.

    >>> import torch
    >>> loss = EqualizationLoss([99, 1], threshold=0.05, reduction="none")
    >>> loss(torch.zeros(1, 2), torch.zeros(1, 2)).tolist()  # the rare label hears nothing
    [[0.6931..., 0.0]]

    Source: Tan, Wang, Li, Li, Ouyang, Yin, Yan (2020), Equalization Loss for Long-Tailed Object Recognition.
    """

    rare: Tensor

    def __init__(self, prior: PriorLike, *, threshold: float = 1.8e-3, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        counts = counts_of(prior)
        self.n_classes = len(counts)
        buffer(self, "rare", (counts / counts.sum() < check_share(threshold)))

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Equalized cost of each entry."""
        cost = binary_cross_entropy_with_logits(scores, target, reduction="none")
        return cost * (1 - self.rare.to(scores.dtype) * (1 - target))

    def sloped(self, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
        """The same with its derivative."""
        kept = (1 - self.rare).to(scores.dtype)
        return weighted_sloped(scores, target, torch.lerp(kept, torch.ones_like(kept), target), slopes)


def check_share(threshold: float) -> float:
    """A threshold on class shares."""
    if not 0 <= threshold <= 1:
        raise UsageError(f"threshold is {threshold}, expected a share of the rows between 0 and 1")
    return threshold


CARD = {
    "lever": "losses",
    "name": "EqualizationLoss",
    "title": "Equalization loss (sigmoid)",
    "seeds": ["071"],
    "needs": ["torch"],
    "example": {"prior": [900, 90, 10], "threshold": 0.05},
    "since": "0.1",
    "status": "claimed",
    "source": "Tan et al. (2020), Equalization Loss for Long-Tailed Object Recognition",
    "facts": {"takes": "labels"},
}
