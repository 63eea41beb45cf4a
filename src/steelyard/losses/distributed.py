"""What losses share between the processes of one training run."""

from __future__ import annotations

import torch
from torch import Tensor, distributed


def _several() -> bool:
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def summed(tensor: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if _several():
        distributed.all_reduce(tensor)
    return tensor


def gathered(tensor: Tensor) -> Tensor:
    """The rows of all processes, in the order of their rank; each must hold equally many."""
    if not _several():
        return tensor
    parts = [torch.empty_like(tensor) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, tensor.contiguous())
    return torch.cat(parts)
