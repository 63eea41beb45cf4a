"""The one place where values become a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from steelyard.core import DataError

__all__ = ["Reduction", "reduce"]

Reduction: TypeAlias = str | Callable[[Tensor, Tensor | None], Tensor]
"""A name (mean, sum, none, weighted_mean) or `(values, weight) -> scalar`."""


def reduce(
    values: Tensor,
    weight: Tensor | None = None,
    counted: Tensor | None = None,
    how: Reduction = "mean",
) -> Tensor:
    r"""Turn the values of a loss into one number.

    When to use it: after `loss.values(scores, target)` of your own changes; losses call it themselves.

    With values :math:`l_i` and weights :math:`w_i`: "mean" is :math:`\frac{1}{n} \sum_i w_i l_i`, "weighted_mean"
    :math:`\sum_i w_i l_i / \sum_i w_i`, "sum" :math:`\sum_i w_i l_i`, "none" :math:`w_i l_i`. Nothing to average
    is 0, with the graph alive.

    Args:
        values: costs of any shape.
        weight: weights of the same shape, or of the first dimensions; None weighs all alike.
        counted: a mask of the values a mean runs over; None for all.
        how: the reduction, or a callable that gets values and weights.

    Raises:
        DataError: weights whose shape does not fit.

    >>> reduce(torch.tensor([1.0, 3.0]), torch.tensor([3.0, 1.0])).item()
    3.0
    >>> reduce(torch.tensor([1.0, 3.0]), torch.tensor([3.0, 1.0]), how="weighted_mean").item()
    1.5
    """
    if weight is not None:
        weight = aligned(weight, values)
    if callable(how):
        if counted is not None:
            weight = counted.to(values.dtype) if weight is None else weight * counted
        return how(values, weight)
    weighed = values if weight is None else values * weight
    if how == "none":
        return weighed
    if how == "sum":
        return weighed.sum()
    if how == "mean":
        if counted is None:
            return weighed.sum() / max(weighed.numel(), 1)
        return weighed.sum() / counted.sum().clamp(min=1)
    if weight is None:
        weight = torch.ones_like(values)
    total = (weight if counted is None else weight * counted).sum()
    return weighed.sum() / torch.where(total == 0, 1.0, total)


def aligned(weight: Tensor, values: Tensor) -> Tensor:
    """Weights with trailing dimensions of one, so that a weight a row fits several values a row."""
    if weight.shape != values.shape[: weight.dim()]:
        raise DataError(
            f"weights have shape {tuple(weight.shape)} and losses {tuple(values.shape)}; pass one weight a row"
        )
    return weight.to(values.dtype).reshape(weight.shape + (1,) * (values.dim() - weight.dim()))
