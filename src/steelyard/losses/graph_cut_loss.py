"""Graph cut as a loss."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.reduction import Reduction
from steelyard.losses.set_function_loss import SetFunctionLoss

__all__ = ["GraphCutLoss"]


class GraphCutLoss(SetFunctionLoss):
    r"""Similarity across classes against similarity within.

    When to use it: the cheapest set-function loss; with the correlation measure it is :math:`\lambda` times the
    similarity between rows of different classes and nothing else.

    :math:`f(A) = \sum_{i \in V, j \in A} s_{ij} - \lambda \sum_{i, j \in A} s_{ij}`.

    Args:
        strength: :math:`\lambda`; f is submodular up to 0.5 for non-negative similarities.
        measure, balanced: see `SetFunctionLoss`.
        reduction: see `Loss`.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss.

    Raises:
        UsageError: a strength that is not positive.
        TargetError: embeddings and labels do not fit each other.

    >>> h = torch.tensor([[1.0, 0], [1, 0]])
    >>> GraphCutLoss(reduction="sum")(h, torch.tensor([0, 1])).item()  # two classes in one place: cosine 1, both ways
    2.0

    Source: Majee, Kothawade, Killamsetty, Iyer (2024), SCoRe: Submodular Combinatorial Representation Learning.
    """

    def __init__(
        self,
        *,
        strength: float = 1.0,
        measure: str = "correlation",
        balanced: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(measure=measure, balanced=balanced, reduction=reduction)
        if not strength > 0:
            raise UsageError(f"strength is {strength}, expected a positive number")
        self.strength = float(strength)

    def parts(self, similarity: Tensor, same: Tensor) -> Tensor:
        """A row's similarity to all, less that to its own class."""
        return similarity.sum(0) - self.strength * torch.where(same, similarity, 0.0).sum(0)


CARD = {
    "lever": "losses",
    "name": "GraphCutLoss",
    "title": "Graph cut representation loss",
    "seeds": ["047"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Majee et al. (2024), SCoRe: Submodular Combinatorial Representation Learning",
    "facts": {"takes": "embeddings"},
}
