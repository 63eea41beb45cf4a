"""Contrastive loss with one prototype a class among the keys."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.keys import KeyProvider, PrototypeQueue
from steelyard.losses.reduction import Reduction
from steelyard.losses.sup_con_loss import SupConLoss

__all__ = ["PrototypicalContrastiveLoss"]


class PrototypicalContrastiveLoss(SupConLoss):
    r"""Supervised contrastive loss whose keys always include a prototype of every class.

    When to use it: tiny batches, many or rare classes. Predict with the nearest prototype (`nets.NearestMean`).

    "in" form over the batch and the prototypes with similarity :math:`s = (1 + \cos)/2`:
    :math:`l_i = -\log \frac{1}{|P|} \frac{\sum_{P} e^{s_{ij}/\tau}}{\sum_{A} e^{s_{ia}/\tau}}`. Rows already below
    `least` cost nothing and do not count.

    Args:
        n_classes, dim: of the prototypes; not needed with `keys`.
        temperature: :math:`\tau`.
        least: rows whose loss is not above it are left alone; 0.3 in published runs.
        keys: where prototypes come from; None for a `PrototypeQueue`.
        reduction: see `Loss`; a mean runs over the rows that count.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss.

    Raises:
        UsageError: neither keys nor n_classes and dim.
        TargetError: embeddings and labels do not fit each other.

    >>> loss = PrototypicalContrastiveLoss(2, 2, temperature=1.0)
    >>> loss.keys.set_centres(torch.eye(2))
    >>> round(loss(torch.eye(2), torch.tensor([0, 1])).item(), 4)  # -log(e / (e + 2 e^0.5))
    0.7943

    Source: Song, Huang, Xue, Hu (2022), Supervised Prototypical Contrastive Learning for Emotion Recognition in
    Conversation.
    """

    def __init__(
        self,
        n_classes: int | None = None,
        dim: int | None = None,
        *,
        temperature: float = 0.05,
        least: float = 0.3,
        keys: KeyProvider | None = None,
        reduction: Reduction = "mean",
    ) -> None:
        if keys is None:
            if n_classes is None or dim is None:
                raise UsageError("neither keys nor n_classes and dim came; pass one of them")
            keys = PrototypeQueue(n_classes, dim)
        super().__init__(temperature=temperature, positives="in", keys=keys, reduction=reduction)
        self.least = float(least)

    def similarity(self, features: Tensor, keys: Tensor) -> Tensor:
        """Half of one plus the cosine."""
        return (1 + features @ keys.T) / 2

    def anchors(self, features: Tensor, labels: Tensor) -> Tensor:
        """Contrastive loss of each row that is not good enough yet; the mean over those equals the reduction's."""
        costs = super().anchors(features, labels)
        open_ = costs > self.least
        costs = torch.where(open_, costs, 0.0)
        if self.reduction != "mean":
            return costs
        return costs * (len(costs) / open_.sum().clamp(min=1))


CARD = {
    "lever": "losses",
    "name": "PrototypicalContrastiveLoss",
    "title": "Supervised prototypical contrastive loss",
    "seeds": ["110"],
    "needs": ["torch"],
    "example": {"n_classes": 3, "dim": 5, "temperature": 0.5},
    "since": "0.1",
    "status": "claimed",
    "source": "Song et al. (2022), Supervised Prototypical Contrastive Learning",
    "facts": {"takes": "embeddings"},
}
