"""Focal loss for one class a row."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from steelyard.core import UsageError
from steelyard.losses.base import ClassLoss, log_likelihood
from steelyard.losses.counts import buffer
from steelyard.losses.label_loss import power
from steelyard.losses.reduction import Reduction

__all__ = ["FocalLoss"]


class FocalLoss(ClassLoss):
    r"""Cross-entropy that fades out for rows the network is already sure of.

    When to use it: many easy rows drown the hard ones. For yes-or-no labels (detection, multi-label) use
    `SigmoidFocalLoss`. Focusing is not re-balancing: on long tails combine it with class weights or an adjustment.

    :math:`l = \alpha_y (1 - p_y)^\gamma (-\log p_y)`, each row by itself before any averaging, with the unweighted
    probability :math:`p_y`.

    Args:
        gamma: focusing, 0 for plain cross-entropy.
        alpha: class weights (K,); None for 1.
        reduction: see `Loss`.

    Returns:
        Of scores (n, K) or (n, K, …) and class positions (n,) or (n, …): the loss.

    Raises:
        UsageError: a negative gamma, or an alpha that is no list of class weights.
        TargetError: scores and target do not fit each other.

    >>> round(FocalLoss(gamma=2.0)(torch.zeros(1, 4), torch.tensor([0])).item(), 4)  # 0.75² · log 4
    0.7798

    Source: Lin, Goyal, Girshick, He, Dollár (2017), Focal Loss for Dense Object Detection.
    """

    alpha: Tensor | None

    def __init__(
        self, *, gamma: float = 2.0, alpha: ArrayLike | None = None, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        check_gamma(gamma)
        if alpha is not None and np.ndim(alpha) != 1:
            raise UsageError(
                f"alpha is {alpha}, expected one weight a class; a single number is for SigmoidFocalLoss"
            )
        self.gamma = float(gamma)
        buffer(self, "alpha", alpha)
        self.n_classes = None if self.alpha is None else len(self.alpha)

    def rows(self, scores: Tensor, target: Tensor) -> Tensor:
        """Focal loss of each row."""
        cost = -log_likelihood(scores, target)
        faded = power(-torch.expm1(-cost), self.gamma) * cost
        return faded if self.alpha is None else faded * self.alpha.to(faded.dtype)[target]


def check_gamma(gamma: float) -> None:
    """A focusing strength is at least 0."""
    if not 0 <= gamma < float("inf"):
        raise UsageError(f"gamma is {gamma}, expected a number of at least 0; 2 is usual")


CARD = {
    "lever": "losses",
    "name": "FocalLoss",
    "title": "Focal loss (softmax)",
    "seeds": ["022", "059", "066", "071", "112"],
    "needs": ["torch"],
    "example": {"gamma": 2.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Lin et al. (2017), Focal Loss for Dense Object Detection",
    "facts": {"takes": "classes"},
}
