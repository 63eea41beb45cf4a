"""Rows mixed in pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from steelyard.core import UsageError

__all__ = ["Mixed", "mixup"]


class Mixed(NamedTuple):
    """A mixed batch: the rows, both targets, and the share (n,) of the first."""

    rows: Tensor
    first: Tensor
    second: Tensor
    share: Tensor

    def loss(self, loss: Callable[..., Tensor], scores: Tensor) -> Tensor:
        """The loss against both targets, in their shares; `loss` takes `weight=` as all of `steelyard.losses` do."""
        return loss(scores, self.first, weight=self.share) + loss(scores, self.second, weight=1 - self.share)


def mixup(
    rows: Tensor, target: Tensor, *, alpha: float = 0.2, generator: torch.Generator | None = None
) -> Mixed:
    r"""Mix every row with another one of the batch.

    When to use it: first-stage training on long tails, for better calibrated features; also on features of any layer
    (manifold mixup). It adds nothing rare by itself, see `remix`.

    :math:`x = \lambda x_i + (1-\lambda) x_j`, one :math:`\lambda \sim \mathrm{Beta}(\alpha, \alpha)` a batch, j a
    permutation.

    Args:
        rows: (n, …), images, vectors or features.
        target: class positions (n,) or indicators (n, L).
        alpha: 0 mixes nothing.
        generator: torch's generator on the CPU; None for the global one.

    Raises:
        UsageError: a negative alpha.

    >>> mixed = mixup(torch.tensor([[0.0], [1.0]]), torch.tensor([0, 1]), alpha=0.0)
    >>> mixed.rows.tolist(), mixed.share.tolist()
    ([[0.0], [1.0]], [1.0, 1.0])

    Source: Zhang, Cisse, Dauphin, Lopez-Paz (2018), mixup: Beyond Empirical Risk Minimization.
    """
    share = beta(alpha, generator)
    other = torch.randperm(len(rows), generator=generator).to(rows.device)
    mixed = torch.lerp(rows[other], rows, share)
    return Mixed(mixed, target, target[other], torch.full((len(rows),), share, device=rows.device))


def beta(alpha: float, generator: torch.Generator | None) -> float:
    """A draw from a symmetric Beta distribution, from two Gamma draws; 1 for alpha 0."""
    if not 0 <= alpha < float("inf"):
        raise UsageError(f"alpha is {alpha}, expected a number of at least 0; 0.2 to 1 are usual")
    if alpha == 0:
        return 1.0
    draws = torch._standard_gamma(torch.full((2,), float(alpha), dtype=torch.float64), generator=generator)
    return float(draws[0] / draws.sum().clamp(min=1e-300))


CARD = {
    "lever": "augment",
    "name": "mixup",
    "title": "Mixup",
    "seeds": ["071", "111"],
    "needs": ["torch"],
    "example": {"alpha": 0.5},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhang et al. (2018), mixup: Beyond Empirical Risk Minimization",
    "facts": {"rows": "any"},
}
