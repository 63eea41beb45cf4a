"""Values and slopes of a loss in one pass, block by block, while a block is still in the processor's cache.

A loss whose rows do not look at one another may say how its value changes with the score, in closed form. On a CPU that
saves most of the trips to memory which a chain of operations and its derivative make. The first backward pass turns the
slopes into the gradient where they lie. The formula stays what the loss is: it serves small batches, other devices,
compilers, gradients of gradients, and a second pass through a graph that was kept.
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

Share: TypeAlias = float | Tensor | None
"""What each value counts in a sum, one number or one a row; None for the values themselves."""

BLOCK = 2**17
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


def by_blocks(
    formula: Formula, sloped: Sloped, scores: Tensor, target: Tensor, share: Share = None
) -> Tensor:
    """What the formula gives, by blocks of first dimension; with a share, the sum of that share of its values."""
    found: Tensor = _Blocks.apply(scores, target, formula, sloped, share)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return found


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
    def forward(
        ctx: Any, scores: Tensor, target: Tensor, formula: Formula, sloped: Sloped, share: Share
    ) -> Tensor:
        slopes = torch.empty_like(scores)
        # one value a row needs less room beside the scores than one an entry
        block = BLOCK if target.dim() == scores.dim() else 4 * BLOCK
        size = max(1, block * len(scores) // scores.numel())
        values, totals = scores.new_empty(0), []
        for start in range(0, len(scores), size):
            part = slice(start, start + size)
            given = scores[part], target[part]
            found = sloped(*given, slopes[part])
            if found is None:
                found = _derived(formula, *given, slopes[part])
            if isinstance(share, Tensor):
                each = share[part]
                slopes[part].mul_(each[:, None])
                totals.append(torch.where(each > 0, found * each, 0).sum())
                continue
            if share is not None:
                if share != 1:
                    slopes[part].mul_(share)
                totals.append(found.sum() * share)
                continue
            if not start:
                values = found.new_empty(len(scores), *found.shape[1:])
            values[part] = found
        ctx.formula, ctx.share, ctx.slopes = formula, share, slopes
        ctx.save_for_backward(scores, target)
        return values if share is None else torch.stack(totals).sum()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        scores, target = ctx.saved_tensors
        asked = torch.is_grad_enabled()  # somebody will ask for the gradient of this gradient
        if asked or ctx.slopes is None:
            with torch.enable_grad():
                values = ctx.formula(scores, target)
                found = values if ctx.share is None else (values * ctx.share).sum()
                (slope,) = torch.autograd.grad(found, scores, grad, create_graph=asked)
            return slope, *[None] * 4
        spread = grad.reshape(grad.shape + (1,) * (ctx.slopes.dim() - grad.dim()))
        if torch._C._functorch.is_legacy_batchedtensor(grad):  # many gradients at once
            return ctx.slopes * spread, *[None] * 4
        slopes, ctx.slopes = ctx.slopes, None
        if grad.dim() or grad != 1:
            slopes.mul_(spread)
        return slopes, *[None] * 4
