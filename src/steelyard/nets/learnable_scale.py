"""One learnt factor for every class of a trained classifier."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["LearnableScale"]


class LearnableScale(nn.Module):
    r"""A frozen classifier with one factor a class left to learn.

    When to use it: after plain training, for a few epochs with class-balanced sampling (`samplers.ClassBalanced`),
    the rest of the network frozen too. K numbers can hardly overfit.

    :math:`z_k = f_k (w_k h + b_k)`, f starts at 1.

    Args:
        head: the trained classifier; its parameters stop learning.
        n_classes: K.

    Returns:
        Of features (n, d): logits (n, K).

    >>> head = LearnableScale(nn.Linear(2, 3), 3)
    >>> [name for name, parameter in head.named_parameters() if parameter.requires_grad]
    ['scale']

    Source: Kang, Xie, Rohrbach, Yan, Gordo, Feng, Kalantidis (2020), Decoupling Representation and Classifier for
    Long-Tailed Recognition.
    """

    def __init__(self, head: nn.Module, n_classes: int) -> None:
        super().__init__()
        self.head = head.requires_grad_(False)
        self.scale = nn.Parameter(torch.ones(n_classes))

    def forward(self, features: Tensor) -> Tensor:
        """Scaled logits."""
        logits: Tensor = self.head(features)
        return self.scale * logits


CARD = {
    "lever": "nets",
    "name": "LearnableScale",
    "title": "Learnable weight scaling",
    "seeds": ["095"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition",
    "facts": {"makes": "change"},
}
