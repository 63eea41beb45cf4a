"""A multi-layer perceptron."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

__all__ = ["MLP"]


class MLP(nn.Module):
    """Layers of linear maps and ReLUs with a head on top.

    When to use it: vectors of features, and experiments that shall take seconds. `features` gives what the head sees.

    Args:
        dim: columns of the input.
        n_classes: K, for a linear head; ignored with `head`.
        hidden: widths of the layers.
        dropout: share of units dropped after each layer.
        head: a module from features of the last width to logits; None for a linear one.

    Returns:
        Of rows (n, dim): logits (n, K), or whatever the head gives.

    >>> import torch
    >>> MLP(64, 10, hidden=(64, 32))(torch.zeros(2, 64)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        dim: int,
        n_classes: int,
        *,
        hidden: Sequence[int] = (64, 32),
        dropout: float = 0.0,
        head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [nn.Linear(dim, width), nn.ReLU()]
            layers += [nn.Dropout(dropout)] if dropout else []
            dim = width
        self.body = nn.Sequential(*layers)
        self.head = head if head is not None else nn.Linear(dim, n_classes)
        self.dim = dim

    def features(self, rows: Tensor) -> Tensor:
        """What the head sees, (n, width of the last layer)."""
        made: Tensor = self.body(rows)
        return made

    def forward(self, rows: Tensor) -> Tensor:
        """The head's answer."""
        made: Tensor = self.head(self.features(rows))
        return made


CARD = {
    "lever": "nets",
    "name": "MLP",
    "title": "Multi-layer perceptron",
    "seeds": ["003", "022", "095", "097"],
    "needs": ["torch"],
    "example": {"dim": 5, "n_classes": 3},
    "since": "0.1",
    "status": "claimed",
    "source": "Rumelhart, Hinton, Williams (1986), Learning Representations by Back-Propagating Errors",
    "facts": {"makes": "logits"},
}
