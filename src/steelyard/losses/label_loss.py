"""The base of multi-label losses: one score and one yes or no for every label."""

from __future__ import annotations

import torch
from torch import Tensor

from steelyard.core import TargetError
from steelyard.losses.base import Loss

__all__ = ["LabelLoss"]


class LabelLoss(Loss):
    """The base of losses of scores (n, L) against indicators of the same shape.

    When to use it: to write a multi-label loss of your own; override `entries(scores, target) -> values`, all of one
    shape. Scores and indicators may have any shape as long as it is the same: (n,) for one yes-or-no question, (n,
    L), or (n, anchors, L). Unknown indicators are left out by a weight of 0.

    Raises:
        TargetError: shapes that differ, or another number of labels than the prior knows.

    >>> class Brier(LabelLoss):
    ...     def entries(self, scores, target):
    ...         return (scores.sigmoid() - target) ** 2
    >>> Brier()(torch.zeros(2, 3), torch.ones(2, 3)).item()
    0.25
    """

    def entries(self, scores: Tensor, target: Tensor) -> Tensor:
        """What each entry costs; target is 0 or 1 in the dtype of the scores."""
        raise NotImplementedError

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value for each entry."""
        if scores.shape != target.shape:
            raise TargetError(
                f"scores have shape {tuple(scores.shape)} and indicators {tuple(target.shape)}; they must agree"
            )
        if self.n_classes is not None and scores.shape[-1:] != (self.n_classes,):
            raise TargetError(
                f"scores have shape {tuple(scores.shape)}, the prior knows {self.n_classes} labels; "
                "give one column a label"
            )
        return self.entries(scores, target.to(scores.dtype))


def power(base: Tensor, exponent: float) -> Tensor:
    """A power of numbers in [0, 1] whose gradient is finite at 0."""
    if exponent == 0:
        return torch.ones_like(base)
    if exponent == 1:
        return base
    if exponent == 4:
        return base.square().square()
    if exponent < 1:
        base = base.clamp(min=torch.finfo(base.dtype).eps)
    return base.pow(exponent)
