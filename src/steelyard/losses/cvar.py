"""The mean of the worst losses, as a reducer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from steelyard.core import UsageError

__all__ = ["CVaR"]


class CVaR(nn.Module):
    r"""Conditional value at risk: the mean of the worst share of the losses.

    When to use it: as `reduction` of any loss, when the worst rows must count and groups are not known. By itself it
    need not help a rare class; compare it with the mean.

    :math:`\min_v v + \frac{1}{\alpha n} \sum_i \max(l_i - v, 0)`, which is the mean of the largest :math:`\alpha n`
    losses, the last of them counted in part. With weights, shares of weight take the place of shares of rows.

    Args:
        alpha: the share, from above 0 (the maximum) to 1 (the mean).

    Returns:
        Of losses of any shape, and weights of the same shape or None: one number.

    Raises:
        UsageError: alpha outside (0, 1].

    >>> losses = torch.arange(1.0, 11)
    >>> [CVaR(a)(losses).item() for a in (0.05, 0.3, 0.5, 1.0)]
    [10.0, 9.0, 8.0, 5.5]

    Source: Rockafellar, Uryasev (2000), Optimization of Conditional Value-at-Risk.
    """

    def __init__(self, alpha: float = 0.5) -> None:
        super().__init__()
        if not 0 < alpha <= 1:
            raise UsageError(f"alpha is {alpha}, expected a share of the losses above 0 and up to 1")
        self.alpha = float(alpha)

    def forward(self, values: Tensor, weight: Tensor | None = None) -> Tensor:
        """The mean of the worst."""
        order = values.flatten().sort(descending=True)
        mass = torch.ones_like(order.values) if weight is None else weight.flatten()[order.indices]
        wanted = self.alpha * mass.sum()
        before = mass.cumsum(0) - mass
        taken = torch.minimum((wanted - before).clamp(min=0), mass)
        return (taken * order.values).sum() / torch.where(wanted > 0, wanted, 1.0)

    def extra_repr(self) -> str:
        """Shown by print."""
        return f"alpha={self.alpha:g}"


CARD = {
    "lever": "losses",
    "name": "CVaR",
    "title": "Conditional value at risk of the losses",
    "seeds": ["029"],
    "needs": ["torch"],
    "example": {"alpha": 0.3},
    "since": "0.1",
    "status": "claimed",
    "source": "Rockafellar, Uryasev (2000), Optimization of Conditional Value-at-Risk",
    "facts": {"takes": "values"},
}
