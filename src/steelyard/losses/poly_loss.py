"""Poly-1: cross-entropy with its first polynomial coefficient changed."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, log_likelihood
from steelyard.losses.reduction import Reduction

__all__ = ["PolyLoss"]


class PolyLoss(ClassLoss):
    r"""Cross-entropy plus a multiple of the probability missed.

    When to use it: one number to tune between cross-entropy and something more or less confident; negative values
    calm the network (usual on long tails), positive ones sharpen it.

    :math:`l = -\log p_y + \epsilon (1 - p_y)`.

    Args:
        epsilon: :math:`\epsilon`, at least -1.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: epsilon below -1, where the loss would fall when the right class loses probability.
        TargetError: scores and target do not fit each other.

    >>> round(PolyLoss(epsilon=2.0)(torch.zeros(1, 2), torch.tensor([0])).item(), 4)  # log 2 + 2 · 0.5
    1.6931

    Source: Leng, Tan, Liu, Cubuk, Shi, Cheng, Anguelov (2022), PolyLoss: A Polynomial Expansion Perspective of
    Classification Loss Functions.
    """

    def __init__(self, *, epsilon: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        if not -1 <= epsilon < np.inf:
            raise UsageError(f"epsilon is {epsilon}, expected a number of at least -1")
        self.epsilon = float(epsilon)

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Poly-1 loss of each row."""
        cost = -log_likelihood(scores, target)
        return cost - self.epsilon * torch.expm1(-cost)


CARD = {
    "lever": "losses",
    "name": "PolyLoss",
    "title": "Poly-1 cross-entropy",
    "seeds": ["059"],
    "needs": ["torch"],
    "example": {"epsilon": -1.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Leng et al. (2022), PolyLoss",
    "facts": {"takes": "classes"},
}
