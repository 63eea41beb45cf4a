"""The submodular relatives of contrastive and nearest-neighbour losses."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.embedding_loss import EmbeddingLoss, log_sum, same_class, unit, without_self
from steelyard.losses.reduction import Reduction

__all__ = ["SubmodularSupConLoss"]


class SubmodularSupConLoss(EmbeddingLoss):
    r"""Supervised contrastive loss whose softmax runs over other classes only.

    When to use it: as `SupConLoss`; positives no longer compete with one another. `neighbours` turns it into the
    submodular form of the soft-nearest-neighbour loss.

    :math:`l_i = \log \sum_{y_j \neq y_i} e^{s_{ij}/t} - \sum_{y_j = y_i, j \neq i} s_{ij}/t`; with `neighbours`
    :math:`l_i = \log \sum_{y_j = y_i, j \neq i} e^{d_{ij}/t} + \log \sum_{y_j \neq y_i} e^{s_{ij}/t}` with squared
    distances d. A sum over nothing is left out.

    Args:
        temperature: t.
        neighbours: the nearest-neighbour form.
        reduction: see `Loss`.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss.

    Raises:
        UsageError: a temperature that is not positive.
        TargetError: embeddings and labels do not fit each other.

    >>> h = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    >>> round(SubmodularSupConLoss(temperature=1.0)(h, torch.tensor([0, 0, 1, 1])).item(), 4)  # log 2 - 1
    -0.3069

    Source: Majee, Kothawade, Killamsetty, Iyer (2024), SCoRe: Submodular Combinatorial Representation Learning.
    """

    def __init__(
        self, *, temperature: float = 0.7, neighbours: bool = False, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        if not temperature > 0:
            raise UsageError(f"temperature is {temperature}, expected a positive number; 0.7 is usual")
        self.temperature, self.neighbours = float(temperature), neighbours

    def anchors(self, features: Tensor, labels: Tensor) -> Tensor:
        """Loss of each row."""
        h = unit(features)
        scores = h @ h.T / self.temperature
        same = same_class(labels, labels)
        partner = same & without_self(len(h), len(h), h.device)
        away = torch.where((~same).any(1), log_sum(scores, ~same), 0.0)
        if not self.neighbours:
            return away - torch.where(partner, scores, 0.0).sum(1)
        distance = 2 / self.temperature - 2 * scores
        return away + torch.where(partner.any(1), log_sum(distance, partner), 0.0)


CARD = {
    "lever": "losses",
    "name": "SubmodularSupConLoss",
    "title": "Submodular supervised contrastive loss",
    "seeds": ["047"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Majee et al. (2024), SCoRe: Submodular Combinatorial Representation Learning",
    "facts": {"takes": "embeddings"},
}
