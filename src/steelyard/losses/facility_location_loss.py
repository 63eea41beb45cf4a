"""Facility location as a loss."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.reduction import Reduction
from steelyard.losses.set_function_loss import SetFunctionLoss

__all__ = ["FacilityLocationLoss"]


class FacilityLocationLoss(SetFunctionLoss):
    r"""How well each class's rows represent the whole batch: they should represent none but themselves.

    When to use it: as `SupConLoss`, to train an encoder on long tails; it looks at the nearest row of every other
    class only, so common classes do not drown rare ones.

    :math:`f(A) = \sum_{i \in V} \max_{j \in A} s_{ij}`; with a temperature t the maximum is
    :math:`t \log \sum_j e^{s_{ij}/t}` for rows outside A. A row of A represents itself, with similarity 1 and no
    smoothing, which would push rows of one class apart.

    Args:
        temperature: t of the smooth maximum; None for the maximum itself.
        measure, balanced: see `SetFunctionLoss`.
        reduction: see `Loss`.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss.

    Raises:
        UsageError: a temperature that is not positive.
        TargetError: embeddings and labels do not fit each other.

    >>> h = torch.tensor([[1.0, 0], [1, 0], [0, 1]])
    >>> FacilityLocationLoss(reduction="sum")(h, torch.tensor([0, 0, 1])).item()  # orthogonal classes: nothing shared
    0.0

    Source: Majee, Kothawade, Killamsetty, Iyer (2024), SCoRe: Submodular Combinatorial Representation Learning.
    """

    def __init__(
        self,
        *,
        temperature: float | None = None,
        measure: str = "correlation",
        balanced: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(measure=measure, balanced=balanced, reduction=reduction)
        if temperature is not None and not temperature > 0:
            raise UsageError(
                f"temperature is {temperature}, expected a positive number, or None for the maximum"
            )
        self.temperature = temperature

    def parts(self, similarity: Tensor, same: Tensor) -> Tensor:
        """A class's f shared equally by its rows."""
        first = same.int().argmax(1)  # a class goes by its first row, so any labels will do
        slot = first.expand_as(similarity)
        low = torch.finfo(similarity.dtype).min / 4
        best = torch.full_like(similarity, low).scatter_reduce(1, slot, similarity, "amax")
        if self.temperature is not None:
            top = best.detach()
            risen = torch.exp((similarity - top.gather(1, slot)) / self.temperature)
            summed = torch.zeros_like(similarity).scatter_add(1, slot, risen)
            best = top + self.temperature * summed.clamp(min=torch.finfo(summed.dtype).tiny).log()
            best = best.scatter(1, first[:, None], 1.0)
        return best.sum(0)[first] / same.sum(1)


CARD = {
    "lever": "losses",
    "name": "FacilityLocationLoss",
    "title": "Facility location representation loss",
    "seeds": ["047"],
    "needs": ["torch"],
    "example": {"temperature": 0.7},
    "since": "0.1",
    "status": "claimed",
    "source": "Majee et al. (2024), SCoRe: Submodular Combinatorial Representation Learning",
    "facts": {"takes": "embeddings"},
}
