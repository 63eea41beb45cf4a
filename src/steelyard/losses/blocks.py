"""Values and slopes of a loss in one pass, block by block, while a block is still in the processor's cache.

A loss whose rows do not look at one another may say how its value changes with the score, in closed form. On a CPU that
saves most of the trips to memory which a chain of operations and its derivative make. The formula stays what the loss
is: it serves small batches, other devices, compilers, and gradients of gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.autograd import Function

__all__: list[str] = []

Formula: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""(scores, target) -> values: one a row, or one an entry."""

Sloped: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor | None]
"""(scores, target, slopes) -> values; writes the derivative of each value by its scores into `slopes`, or gives up."""

BLOCK = 2**18
"""Scores of a block."""
LARGE = 2**16
"""Below this many scores a formula is as fast."""


def worthwhile(scores: Tensor) -> bool:
    """Whether these scores are many, on a CPU, and wait for an ordinary gradient."""
    return (
        not torch.compiler.is_compiling()
        and scores.device.type == "cpu"
        and scores.numel() >= LARGE
        and scores.requires_grad
        and torch.is_grad_enabled()
        and not torch._C._are_functorch_transforms_active()
    )


def by_blocks(formula: Formula, sloped: Sloped, scores: Tensor, target: Tensor) -> Tensor:
    """What the formula gives, by blocks of first dimension."""
    values: Tensor = _Blocks.apply(scores, target, formula, sloped)  # type: ignore[no-untyped-call]  # torch's own
    return values


def _derived(formula: Formula, scores: Tensor, target: Tensor, slopes: Tensor) -> Tensor:
    """Values and slopes of a formula that has no closed form for this target."""
    with torch.enable_grad():
        z = scores.detach().requires_grad_()
        values = formula(z, target)
        (slope,) = torch.autograd.grad(values.sum(), z)
    slopes.copy_(slope)
    return values.detach()


class _Blocks(Function):
    @staticmethod
    def forward(ctx: Any, scores: Tensor, target: Tensor, formula: Formula, sloped: Sloped) -> Tensor:
        slopes = torch.empty_like(scores)
        # one value a row needs less room beside the scores than one an entry
        block = BLOCK if target.dim() == scores.dim() else 4 * BLOCK
        size = max(1, block * len(scores) // scores.numel())
        values = scores.new_empty(0)
        for start in range(0, len(scores), size):
            part = slice(start, start + size)
            given = scores[part], target[part]
            found = sloped(*given, slopes[part])
            if found is None:
                found = _derived(formula, *given, slopes[part])
            if not start:
                values = found.new_empty(len(scores), *found.shape[1:])
            values[part] = found
        ctx.formula = formula
        ctx.save_for_backward(scores, target, slopes)
        return values

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        scores, target, slopes = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody will ask for the gradient of this gradient
            (slope,) = torch.autograd.grad(ctx.formula(scores, target), scores, grad, create_graph=True)
            return slope, None, None, None
        spread = grad.reshape(grad.shape + (1,) * (slopes.dim() - grad.dim()))
        return spread * slopes, None, None, None
