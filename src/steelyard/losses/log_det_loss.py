"""Log-determinants as a loss."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.reduction import Reduction
from steelyard.losses.set_function_loss import SetFunctionLoss

__all__ = ["LogDetLoss"]


class LogDetLoss(SetFunctionLoss):
    r"""The volume spanned by each class against the volume spanned by all.

    When to use it: to make classes orthogonal and each of them flat. Cubic in the batch: up to about a thousand rows.

    :math:`f(A) = \log\det(S_A + \lambda I)` with cosines S.

    Args:
        ridge: :math:`\lambda`.
        measure, balanced: see `SetFunctionLoss`.
        reduction: see `Loss`.

    Returns:
        Of embeddings (n, d) and class positions (n,): the loss.

    Raises:
        UsageError: a ridge that is not positive.
        TargetError: embeddings and labels do not fit each other.

    >>> h = torch.tensor([[1.0, 0], [1, 0]])
    >>> round(LogDetLoss(reduction="sum")(h, torch.tensor([0, 1])).item(), 4)  # log(1.5²) - log(1.5² - 1)
    0.5878

    Source: Majee, Kothawade, Killamsetty, Iyer (2024), SCoRe: Submodular Combinatorial Representation Learning.
    """

    def __init__(
        self,
        *,
        ridge: float = 0.5,
        measure: str = "correlation",
        balanced: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(measure=measure, balanced=balanced, reduction=reduction)
        if not ridge > 0:
            raise UsageError(f"ridge is {ridge}, expected a positive number; 0.5 is usual")
        self.ridge = float(ridge)

    def parts(self, similarity: Tensor, same: Tensor) -> Tensor:
        """Rows of other classes cut away leave blocks, so one factor holds the determinants of all classes."""
        blocks = torch.where(same, similarity, 0.0)
        blocks = blocks + self.ridge * torch.eye(len(blocks), dtype=blocks.dtype, device=blocks.device)
        factor: Tensor = torch.linalg.cholesky(blocks)
        return 2 * factor.diagonal().log()


CARD = {
    "lever": "losses",
    "name": "LogDetLoss",
    "title": "Log-determinant representation loss",
    "seeds": ["047"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Majee et al. (2024), SCoRe: Submodular Combinatorial Representation Learning",
    "facts": {"takes": "embeddings"},
}
