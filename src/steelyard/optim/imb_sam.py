"""Sharpness-aware minimisation for the rare classes only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from steelyard.core import Prior, UsageError
from steelyard.optim.base import BaseOptimizer, RowLosses, Wrapping, away, frozen_statistics
from steelyard.optim.sam import check_rho, scaled

__all__ = ["ImbSAM", "tail_classes"]


def tail_classes(prior: Prior, fewer_than: float = 20) -> Tensor:
    """Which classes have fewer rows than a threshold, as a mask (K,).

    When to use it: as `tail` of `ImbSAM`.

    >>> tail_classes(Prior.of([0] * 30 + [1] * 20 + [2] * 19)).tolist()
    [False, False, True]
    """
    return torch.as_tensor(prior.counts < fewer_than)


class ImbSAM(Wrapping):
    r"""`SAM` whose way uphill is that of the rare classes; common classes step as usual.

    When to use it: rare classes shall gain from flatness without paying for it everywhere; it trades some accuracy of
    common classes. A batch without rare rows is a plain step.

    With the losses of n rows, T the rare classes: :math:`L_H = \frac{1}{n} \sum_{y_i \notin T} l_i`,
    :math:`L_T = \frac{\kappa}{n} \sum_{y_i \in T} l_i`; the base optimiser steps along
    :math:`\nabla L_H(w) + \nabla L_T(w + \rho\, g_T / \|g_T\|)`.

    Args:
        params: parameters or groups.
        base_optimizer: makes the optimiser inside.
        tail: mask (K,) of the rare classes, see `tail_classes`.
        rho: the radius.
        tail_weight: :math:`\kappa`, 2 in the published runs; part of the gain is this weight, so compare with rho 0.
        model: its normalisation statistics are left alone in the second pass.

    Raises:
        UsageError: a negative radius.

    >>> from functools import partial
    >>> w = nn.Parameter(torch.tensor(2.0))
    >>> step = ImbSAM([w], partial(torch.optim.SGD, lr=1.0), tail=[True], rho=0.1, tail_weight=1.0)
    >>> _ = step.step(lambda: (0.5 * 3 * w**2 * torch.ones(1), torch.tensor([0])))
    >>> round(2 - w.item(), 4)  # 3 · (2 + 0.1)
    6.3

    Source: Zhou, Qu, Xu, Shen (2023), ImbSAM: A Closer Look at Sharpness-Aware Minimization in Class-Imbalanced
    Recognition.
    """

    def __init__(
        self,
        params: Iterable[Any],
        base_optimizer: BaseOptimizer,
        *,
        tail: Tensor | Sequence[bool],
        rho: float = 0.05,
        tail_weight: float = 2.0,
        model: nn.Module | None = None,
    ) -> None:
        super().__init__(params, base_optimizer, model)
        self.tail = torch.as_tensor(tail, dtype=torch.bool)
        self.rho, self.tail_weight = check_rho(rho), float(tail_weight)

    def step(self, closure: RowLosses | None = None) -> Tensor:  # type: ignore[override]  # torch has overloads
        """Call `closure` (return the losses of the rows and their class positions) here and uphill, then step."""
        if closure is None:
            raise UsageError(
                "no closure came; pass a function that returns (losses of the rows, class positions)"
            )
        with torch.enable_grad():
            head, tail, any_tail = self._parts(closure)
        head_gradients = self.gradients(head, keep=True)
        tail_gradients = self.gradients(tail)
        if any_tail and self.rho:
            there = scaled(tail_gradients, self.rho)
            with away(self.learning(), there), frozen_statistics(self.model), torch.enable_grad():
                tail_gradients = self.gradients(self._parts(closure)[1])
        self.move([a + b for a, b in zip(head_gradients, tail_gradients, strict=True)])
        return (head + tail).detach()

    def _parts(self, closure: RowLosses) -> tuple[Tensor, Tensor, bool]:
        found = closure()
        if isinstance(found, Tensor):
            raise UsageError(
                "the closure returned one number, and this step needs (losses of the rows, class positions); "
                "in train.fit give the stage rule=row_step"
            )
        losses, labels = found
        rare = self.tail.to(labels.device)[labels]
        n = max(len(losses), 1)
        head = torch.where(rare, 0.0, losses).sum() / n
        return head, self.tail_weight * torch.where(rare, losses, 0.0).sum() / n, bool(rare.any())


CARD = {
    "lever": "optim",
    "name": "ImbSAM",
    "title": "Sharpness-aware minimisation of rare classes",
    "seeds": ["003"],
    "needs": ["torch"],
    "example": {"tail": [False, False, True]},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhou et al. (2023), ImbSAM",
    "facts": {"closure": "rows"},
}
