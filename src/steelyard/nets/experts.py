"""Several heads, or several branches, over one network."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from steelyard.core import UsageError

__all__ = ["Experts", "combined"]


class Experts(nn.Module):
    r"""Run several experts on the same features and stack their logits.

    When to use it: with `losses.DiverseExpertsLoss` or one loss each (`losses.ExpertsLoss`); combine with `combined`.

    Args:
        experts: modules that turn features into logits (n, K).

    Returns:
        Of features: logits (n, E, K).

    Raises:
        UsageError: no experts.

    >>> Experts([nn.Linear(4, 3), nn.Linear(4, 3)])(torch.zeros(5, 4)).shape
    torch.Size([5, 2, 3])

    Source: Zhang, Hooi, Hong, Feng (2022), Self-Supervised Aggregation of Diverse Experts for Test-Agnostic
    Long-Tailed Recognition.
    """

    def __init__(self, experts: Iterable[nn.Module]) -> None:
        super().__init__()
        self.experts = nn.ModuleList(experts)
        if not len(self.experts):
            raise UsageError("no experts came; pass at least one module")

    def forward(self, features: Tensor) -> Tensor:
        """Logits of all experts."""
        return torch.stack([expert(features) for expert in self.experts], dim=1)


def combined(logits: Tensor, weight: Tensor | None = None) -> Tensor:
    r"""Weighted mean of the experts' logits.

    When to use it: to predict with `Experts`; weights found on unlabelled rows, equal ones until then.

    Args:
        logits: (n, E, K).
        weight: (E,) or (n, E), need not sum to one; None for equal weights.

    Returns:
        Logits (n, K).

    >>> combined(torch.tensor([[[0.0, 2.0], [4.0, 2.0]]]), torch.tensor([3.0, 1.0])).tolist()
    [[1.0, 2.0]]
    """
    if weight is None:
        return logits.mean(1)
    share = weight / weight.sum(-1, keepdim=True)
    return (logits * share[..., None]).sum(1)


CARD = {
    "lever": "nets",
    "name": "Experts",
    "title": "Multi-expert head",
    "seeds": ["054", "079"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhang et al. (2022), Self-Supervised Aggregation of Diverse Experts",
    "facts": {"makes": "experts"},
}
