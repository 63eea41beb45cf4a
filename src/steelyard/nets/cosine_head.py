"""A classifier by angle."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

__all__ = ["CosineHead"]


class CosineHead(nn.Module):
    r"""Cosines between features and one direction for every class, times a scale.

    When to use it: long tails, where the weight vectors of common classes grow long and win by length alone.
    Margin losses (`losses.LDAMLoss`) want scale 1 here, because they scale themselves.

    :math:`z_k = s \cos(h, w_k)`, no bias.

    Args:
        dim: features d.
        n_classes: K.
        scale: s; 10 to 30 are usual outside margin losses.
        learn_scale: whether s is a parameter.

    Returns:
        Of features (n, d): logits (n, K).

    >>> head = CosineHead(2, 2)
    >>> _ = head.weight.data.copy_(torch.eye(2))
    >>> head(torch.tensor([[3.0, 0.0]])).tolist()
    [[1.0, 0.0]]

    Source: Cao, Wei, Gaidon, Arechiga, Ma (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss.
    """

    def __init__(self, dim: int, n_classes: int, *, scale: float = 1.0, learn_scale: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(normalize(torch.empty(n_classes, dim).uniform_(-1, 1)))
        self.scale = nn.Parameter(torch.tensor(float(scale)), requires_grad=learn_scale)

    def forward(self, features: Tensor) -> Tensor:
        """Scaled cosines."""
        return self.scale * linear(normalize(features, dim=1), normalize(self.weight, dim=1))


CARD = {
    "lever": "nets",
    "name": "CosineHead",
    "title": "Cosine classifier",
    "seeds": ["011", "022", "054", "079", "111"],
    "needs": ["torch"],
    "example": {"dim": 5, "n_classes": 3},
    "since": "0.1",
    "status": "claimed",
    "source": "Cao et al. (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
    "facts": {"makes": "logits"},
}
