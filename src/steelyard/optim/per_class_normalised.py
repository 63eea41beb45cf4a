"""Every class has the same say in a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from steelyard.core import UsageError
from steelyard.optim.base import BaseOptimizer, RowLosses, Wrapping, length

__all__ = ["PerClassNormalised", "gradient_competition", "per_class_gradients"]


class PerClassNormalised(Wrapping):
    r"""Sum the directions of the classes' gradients, whatever their lengths.

    When to use it: rare classes go uphill while common ones learn. As many backward passes as classes are in the
    batch. Use group instead of batch normalisation, or one mixed forward pass as here.

    :math:`d = \sum_k g_k / \|g_k\|` over the classes in the batch.

    Args:
        params: parameters or groups.
        base_optimizer: makes the optimiser inside.
        guard: added to the lengths.
        rescale: bring the sum to the length of the plain gradient, so that learning rates mean what they did.

    Raises:
        UsageError: a negative guard.

    >>> from functools import partial
    >>> w = torch.nn.Parameter(torch.zeros(2))
    >>> step = PerClassNormalised([w], partial(torch.optim.SGD, lr=1.0), guard=0.0)
    >>> _ = step.step(lambda: (torch.stack([3 * w[0], 0.1 * w[1]]), torch.tensor([0, 1])))
    >>> w.tolist()
    [-1.0, -1.0]

    Source: Francazi, Baity-Jesi, Lucchi (2023), A Theoretical Analysis of the Learning Dynamics under Class
    Imbalance.
    """

    def __init__(
        self,
        params: Iterable[Any],
        base_optimizer: BaseOptimizer,
        *,
        guard: float = 1e-6,
        rescale: bool = False,
    ) -> None:
        super().__init__(params, base_optimizer, None)
        if guard < 0:
            raise UsageError(f"guard is {guard}, expected a small number of at least 0")
        self.guard, self.rescale = float(guard), rescale

    def step(self, closure: RowLosses | None = None) -> Tensor:  # type: ignore[override]  # torch has overloads
        """Call `closure` (return the losses of the rows and their class positions) once, then step."""
        if closure is None:
            raise UsageError(
                "no closure came; pass a function that returns (losses of the rows, class positions)"
            )
        with torch.enable_grad():
            losses, labels = closure()
        by_class = per_class_gradients(losses, labels, self.learning())
        total = [torch.zeros_like(p) for p in self.learning()]
        plain = [torch.zeros_like(p) for p in self.learning()]
        for gradients in by_class.values():
            size = length(gradients) + self.guard
            torch._foreach_add_(plain, gradients)
            torch._foreach_add_(total, [g / size for g in gradients])
        if self.rescale and by_class:
            factor = length(plain) / length(total).clamp(min=1e-30)
            total = [t * factor for t in total]
        self.move(total)
        return losses.detach().mean() if len(losses) else losses.detach().sum()


def per_class_gradients(losses: Tensor, labels: Tensor, parameters: list[Tensor]) -> dict[int, list[Tensor]]:
    r"""The gradient of each class's part of the mean loss, :math:`\nabla \frac{1}{n} \sum_{y_i = k} l_i`.

    When to use it: to see which classes pull where; they sum to the gradient of the mean.

    >>> w = torch.nn.Parameter(torch.tensor(1.0))
    >>> found = per_class_gradients(torch.stack([w, 3 * w]), torch.tensor([0, 1]), [w])
    >>> {k: gradient[0].item() for k, gradient in found.items()}
    {0: 0.5, 1: 1.5}
    """
    found = {}
    for k in sorted(set(labels.tolist())):
        part = torch.where(labels == k, losses, 0.0).sum() / len(losses)
        gradients = torch.autograd.grad(part, parameters, retain_graph=True, allow_unused=True)
        found[int(k)] = [
            torch.zeros_like(p) if g is None else g for p, g in zip(parameters, gradients, strict=True)
        ]
    return found


def gradient_competition(by_class: dict[int, list[Tensor]]) -> dict[str, Any]:
    """How classes' gradients stand to each other.

    When to use it: on `per_class_gradients`, now and then in training: a class whose `uphill` is true gets worse
    in a plain step.

    Returns:
        `classes`; `length` of each gradient; `cosine` between them (K, K); `uphill`, whether the plain gradient step
        raises the class's loss.

    >>> found = gradient_competition({0: [torch.tensor([2.0])], 1: [torch.tensor([-1.0])]})
    >>> found["uphill"], found["cosine"][0][1]
    ([False, True], -1.0)
    """
    flat = torch.stack([torch.cat([g.flatten() for g in gradients]) for gradients in by_class.values()])
    size = flat.norm(dim=1)
    unit = flat / size.clamp(min=1e-30)[:, None]
    return {
        "classes": list(by_class),
        "length": size.tolist(),
        "cosine": (unit @ unit.T).tolist(),
        "uphill": (flat @ flat.sum(0) < 0).tolist(),
    }


CARD = {
    "lever": "optim",
    "name": "PerClassNormalised",
    "title": "Per-class normalised gradient steps",
    "seeds": ["010"],
    "needs": ["torch"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Francazi et al. (2023), A Theoretical Analysis of the Learning Dynamics under Class Imbalance",
    "facts": {"closure": "rows"},
}
