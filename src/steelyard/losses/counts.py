"""From a prior to the numbers a loss is made of."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from steelyard.core import Floats, Prior, TooFewSamples, UsageError

PriorLike: TypeAlias = Prior | ArrayLike


def counts_of(prior: PriorLike) -> Floats:
    """The counts (K,) of a prior, or the counts themselves; every class must have rows."""
    counts = prior.counts if isinstance(prior, Prior) else np.asarray(prior, dtype=np.float64)
    if counts.ndim != 1 or not len(counts) or not np.isfinite(counts).all() or (counts < 0).any():
        raise UsageError(f"the prior is {np.asarray(prior).tolist()}, expected a Prior or one count a class")
    if (counts == 0).any():
        empty = np.flatnonzero(counts == 0)[:5].tolist()
        raise TooFewSamples(f"the classes at positions {empty} have no rows; leave them out of the prior")
    return counts


def buffer(module: nn.Module, name: str, values: ArrayLike | None) -> None:
    """Register constants that move with the module but stay out of its checkpoints."""
    made: Tensor | None = None if values is None else torch.as_tensor(np.asarray(values), dtype=torch.float32)
    module.register_buffer(name, made, persistent=False)
