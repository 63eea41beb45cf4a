"""The base of multi-label losses: one score and one yes or no for every label."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import softplus

from steelyard.core import TargetError
from steelyard.losses.base import Loss, precise
from steelyard.losses.blocks import Formula, Sloped, by_blocks, worthwhile

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
        raise NotImplementedError  # not abstract: a loss with a state overrides `evaluated` instead

    def values(self, scores: Tensor, target: Tensor) -> Tensor:
        """One value for each entry."""
        return self.evaluated(scores, target, None)

    def evaluated(self, scores: Tensor, target: Tensor, share: float | None) -> Tensor:
        """One value for each entry, or the sum of a share of them."""
        return evaluated(self.entries, self.sloped, scores, self.checked(scores, target), share)

    def forward(self, scores: Tensor, target: Tensor, /, *, weight: Tensor | None = None) -> Tensor:
        """The reduced loss; where it is a mean or sum of all entries, their values need not be held."""
        shares: dict[Any, float] = {"mean": 1 / max(scores.numel(), 1), "sum": 1.0}
        own = type(self).values is not LabelLoss.values  # a subclass has its own way to values
        if own or weight is not None or self.reduction not in shares:
            return super().forward(scores, target, weight=weight)
        with torch.autocast(scores.device.type, enabled=False):
            return self.evaluated(precise(scores), target, shares[self.reduction])

    def checked(self, scores: Tensor, target: Tensor) -> Tensor:
        """Indicators in the dtype of the scores, once their shape is what it should be."""
        if scores.shape != target.shape:
            raise TargetError(
                f"scores have shape {tuple(scores.shape)} and indicators {tuple(target.shape)}; they must agree"
            )
        if self.n_classes is not None and scores.shape[-1:] != (self.n_classes,):
            raise TargetError(
                f"scores have shape {tuple(scores.shape)}, the prior knows {self.n_classes} labels; "
                "give one column a label"
            )
        return target.to(scores.dtype)


def evaluated(
    formula: Formula, sloped: Sloped | None, scores: Tensor, target: Tensor, share: float | None
) -> Tensor:
    """Values or the sum of a share of them, by the closed form where it is faster; it knows the labels 0 and 1 only."""
    if sloped is None or not worthwhile(scores):
        values = formula(scores, target)
        return values if share is None else values.sum() * share

    def of_block(z: Tensor, y: Tensor, slopes: Tensor) -> Tensor | None:
        return sloped(z, y, slopes) if _hard(y) else None

    return by_blocks(formula, of_block, scores, target, share)


def _hard(target: Tensor) -> bool:
    """Whether indicators between 0 and 1 are nothing else: only then their squares add up to what they do."""
    flat = target.flatten()
    return bool(torch.dot(flat, flat) == flat.sum())


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


def power_slope(base: Tensor, exponent: float) -> Tensor:
    """The derivative of `power`."""
    if exponent in {0, 1}:
        return torch.full_like(base, exponent)
    if exponent < 1:
        edge = torch.finfo(base.dtype).eps
        return torch.where(base < edge, 0.0, exponent * base.clamp(min=edge).pow(exponent - 1))
    return exponent * base.pow(exponent - 1)


def weighted_sloped(scores: Tensor, target: Tensor, weight: Tensor, slopes: Tensor) -> Tensor:
    """Binary cross-entropy times constant weights, and its derivative."""
    torch.sigmoid(scores, out=slopes).sub_(target).mul_(weight)
    return softplus(torch.rsub(target, 1, alpha=2).mul_(scores)).mul_(weight)
