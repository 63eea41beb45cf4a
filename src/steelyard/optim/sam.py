"""Sharpness-aware minimisation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from steelyard.core import UsageError
from steelyard.optim.base import BaseOptimizer, Wrapping, away, frozen_statistics, length

__all__ = ["ASAM", "SAM"]


class SAM(Wrapping):
    r"""Step along the gradient found a little uphill, so that flat places are preferred.

    When to use it: with re-weighted or margin losses on long tails, where rare classes otherwise end at saddle
    points; a large radius (0.5 to 0.8) with deferred re-weighting, 0.05 to 0.2 otherwise. Costs two passes a step.

    :math:`\epsilon = \rho\, g / \|g\|` with :math:`g = \nabla L(w)`, then the base optimiser steps along
    :math:`\nabla L(w + \epsilon)`. `adaptive` measures in units of the weights:
    :math:`\epsilon = \rho\, w^2 g / \| |w|\, g \|`.

    Args:
        params: parameters or groups.
        base_optimizer: makes the optimiser inside, such as `partial(torch.optim.SGD, lr=0.1)`.
        rho: the radius; `optimizer.rho` may be set between steps.
        adaptive: the scale-invariant form, see `ASAM`.
        model: its normalisation statistics are left alone in the second pass.

    Raises:
        UsageError: a negative radius.

    >>> from functools import partial
    >>> w = nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> sam = SAM([w], partial(torch.optim.SGD, lr=1.0), rho=0.1)
    >>> def closure():
    ...     sam.zero_grad()
    ...     loss = 0.5 * (torch.tensor([1.0, 4.0]) * w**2).sum()
    ...     loss.backward()
    ...     return loss
    >>> _ = sam.step(closure)
    >>> (1 - w).tolist()  # the gradient uphill
    [1.02425..., 4.38805...]

    Source: Foret, Kleiner, Mobahi, Neyshabur (2021), Sharpness-Aware Minimization for Efficiently Improving
    Generalization; Rangwani, Aithal, Mishra, Babu (2022), Escaping Saddle Points for Effective Generalization on
    Class-Imbalanced Data.
    """

    def __init__(
        self,
        params: Iterable[Any],
        base_optimizer: BaseOptimizer,
        *,
        rho: float = 0.05,
        adaptive: bool = False,
        model: nn.Module | None = None,
    ) -> None:
        super().__init__(params, base_optimizer, model)
        self.rho, self.adaptive = check_rho(rho), adaptive

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor:  # type: ignore[override]  # torch has overloads
        """Call `closure` (clear gradients, loss, backward, return the loss) here and uphill, then step."""
        if closure is None:
            raise UsageError(
                "no closure came; this step needs the loss twice, so pass a function that computes it "
                "(loss scaling passes none: take bfloat16, or train.fit with float16)"
            )
        with torch.enable_grad():
            loss = closure()
        if self.rho:
            learning = [p for p in self.learning() if p.grad is not None]
            there = uphill(learning, self.rho, adaptive=self.adaptive)
            with away(learning, there), frozen_statistics(self.model), torch.enable_grad():
                closure()
        self.base.step()
        return loss


class ASAM(SAM):
    r"""`SAM` with a radius in units of the weights, so that rescaled layers are treated alike.

    When to use it: as `SAM`, when one radius shall fit layers of different scale; radii are about ten times larger.

    Args:
        params, base_optimizer, model: see `SAM`.
        rho: the radius.

    Raises:
        UsageError: a negative radius.

    >>> from functools import partial
    >>> ASAM([nn.Parameter(torch.ones(2))], partial(torch.optim.SGD, lr=1.0)).adaptive
    True

    Source: Kwon, Kim, Park, Choi (2021), ASAM: Adaptive Sharpness-Aware Minimization.
    """

    def __init__(
        self,
        params: Iterable[Any],
        base_optimizer: BaseOptimizer,
        *,
        rho: float = 0.5,
        model: nn.Module | None = None,
    ) -> None:
        super().__init__(params, base_optimizer, rho=rho, adaptive=True, model=model)


def uphill(parameters: list[Tensor], rho: float, *, adaptive: bool = False) -> list[Tensor]:
    """The step of length rho along the gradients that parameters hold."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not adaptive:
        return scaled(gradients, rho)
    sized = [p.abs() * g for p, g in zip(parameters, gradients, strict=True)]
    factor = rho / (length(sized) + 1e-12)
    return [p.square() * g * factor for p, g in zip(parameters, gradients, strict=True)]


def scaled(gradients: list[Tensor], rho: float) -> list[Tensor]:
    """Gradients brought to the length rho together; zero gradients stay zero."""
    if not gradients:
        return []
    factor = rho / (length(gradients) + 1e-12)
    return [g * factor for g in gradients]


def check_rho(rho: float) -> float:
    """A radius is at least 0."""
    if not 0 <= rho < float("inf"):
        raise UsageError(f"rho is {rho}, expected a radius of at least 0; 0.05 is usual")
    return float(rho)


CARD = {
    "lever": "optim",
    "name": "SAM",
    "title": "Sharpness-aware minimisation",
    "seeds": ["003", "011", "029"],
    "needs": ["torch"],
    "example": {"rho": 0.05},
    "since": "0.1",
    "status": "claimed",
    "source": "Foret et al. (2021), Sharpness-Aware Minimization",
    "facts": {"closure": "loss"},
}
