"""Gradient harmonising: entries whose gradient is common weigh less."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from steelyard.core import UsageError
from steelyard.losses.label_loss import LabelLoss
from steelyard.losses.reduction import Reduction

__all__ = ["GHMLoss"]


class GHMLoss(LabelLoss):
    r"""Binary cross-entropy divided by how many entries of the batch have a gradient of that size.

    When to use it: as `SigmoidFocalLoss`, when outliers matter too: both the crowd of easy entries and the crowd of
    hopeless (often mislabelled) ones are damped. Wants many entries a batch, as dense detection has.

    With :math:`g = |p - y|` in :math:`M` bins, :math:`c` of them occupied and :math:`n_b` of all :math:`n` entries in
    bin b: :math:`l = \frac{n}{c\,n_{b(g)}}\,\mathrm{BCE}(z, y)`.

    Args:
        bins: M.
        reduction: see `Loss`.

    Returns:
        Of scores and indicators of the same shape: the loss.

    Raises:
        UsageError: fewer than one bin.
        TargetError: shapes that differ.

    >>> loss = GHMLoss(reduction="none")
    >>> z = torch.tensor([5.0, 5.0, 5.0, 0.0])  # three easy entries share what one hard entry has
    >>> (loss(z, torch.ones(4)) / torch.nn.functional.softplus(-z)).tolist()
    [0.6666..., 0.6666..., 0.6666..., 2.0]

    Source: Li, Liu, Wang (2019), Gradient Harmonized Single-Stage Detector. The running average over batches of the
    paper is left out.
    """

    def __init__(self, *, bins: int = 10, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        if bins < 1:
            raise UsageError(f"bins is {bins}, expected at least 1; 10 is usual")
        self.bins = int(bins)

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """Harmonised cost of each entry."""
        size = (torch.sigmoid(scores.detach()) - target).abs()
        place = (size * self.bins).long().clamp(max=self.bins - 1).flatten()
        ones = torch.ones_like(place, dtype=scores.dtype)
        held = torch.zeros(self.bins, dtype=scores.dtype, device=scores.device).scatter_add(0, place, ones)
        occupied = (held > 0).sum().clamp(min=1)
        weight = (place.numel() / (occupied * held.clamp(min=1)))[place].reshape(scores.shape)
        return weight * binary_cross_entropy_with_logits(scores, target, reduction="none")


CARD = {
    "lever": "losses",
    "name": "GHMLoss",
    "title": "Gradient harmonising loss",
    "seeds": ["059"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Li, Liu, Wang (2019), Gradient Harmonized Single-Stage Detector",
    "facts": {"takes": "labels", "across_rows": True},
}
