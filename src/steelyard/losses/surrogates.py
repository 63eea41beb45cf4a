"""What it costs when a positive leads a negative by a given margin."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

from steelyard.core import UsageError

SURROGATES: dict[str, Callable[[Tensor], Tensor]] = {
    "logistic": lambda lead: softplus(-lead),
    "squared_hinge": lambda lead: (1 - lead).clamp(min=0).square(),
    "hinge": lambda lead: (1 - lead).clamp(min=0),
    "square": lambda lead: (1 - lead).square(),
}


def check_surrogate(name: str) -> str:
    """The name of a surrogate that exists."""
    if name not in SURROGATES:
        raise UsageError(f"surrogate is {name!r}, expected one of {', '.join(SURROGATES)}")
    return name


def mean_where(values: Tensor, kept: Tensor, dim: int) -> Tensor:
    """The mean of the kept values along a dimension; 0 where none is kept."""
    return torch.where(kept, values, 0.0).sum(dim) / kept.sum(dim).clamp(min=1)
