"""What the steps share: an optimiser inside, weights put aside and brought back, statistics left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["frozen_statistics"]

BaseOptimizer: TypeAlias = Callable[[Any], Optimizer]
"""Parameters or parameter groups -> the optimiser that takes the step, such as `partial(torch.optim.SGD, lr=0.1)`."""

RowLosses: TypeAlias = Callable[[], tuple[Tensor, Tensor]]
"""() -> (the losses of the rows (n,), their class positions (n,))."""


class Wrapping(Optimizer):
    """An optimiser around another one, with the same parameter groups, so that schedules reach both."""

    def __init__(self, params: Iterable[Any], base_optimizer: BaseOptimizer, model: nn.Module | None) -> None:
        super().__init__(params, {})
        self.base = base_optimizer(self.param_groups)
        self.param_groups = self.base.param_groups
        self.defaults.update(self.base.defaults)
        self.model = model

    def learning(self) -> list[Tensor]:
        """All parameters that learn."""
        return [p for group in self.param_groups for p in group["params"] if p.requires_grad]

    def state_dict(self) -> dict[str, Any]:
        """The state of the optimiser inside; these steps have none of their own."""
        return self.base.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up a state."""
        self.base.load_state_dict(state_dict)
        self.param_groups = self.base.param_groups

    def gradients(self, loss: Tensor, *, keep: bool = False) -> list[Tensor]:
        """The gradient of a loss; zeros where a parameter plays no part."""
        learning = self.learning()
        found = torch.autograd.grad(loss, learning, retain_graph=keep, allow_unused=True)
        return [torch.zeros_like(p) if g is None else g for p, g in zip(learning, found, strict=True)]

    def move(self, gradients: list[Tensor]) -> None:
        """Let the optimiser inside step along given gradients."""
        for parameter, gradient in zip(self.learning(), gradients, strict=True):
            parameter.grad = gradient
        self.base.step()


@contextmanager
def away(parameters: list[Tensor], steps: list[Tensor]) -> Iterator[None]:
    """Move parameters by steps inside, and have them back bit for bit afterwards."""
    with torch.no_grad():
        before = [p.clone() for p in parameters]
        torch._foreach_add_(parameters, steps)
    # inside a caller's autocast the half-precision copies of the old weights would be used again
    torch.clear_autocast_cache()
    try:
        yield
    finally:
        torch.clear_autocast_cache()
        with torch.no_grad():
            for parameter, old in zip(parameters, before, strict=True):
                parameter.copy_(old)


@contextmanager
def frozen_statistics(model: nn.Module | None) -> Iterator[None]:
    """Keep the running statistics of normalisation layers as they are.

    When to use it: around a second forward pass of the same batch, which must not count twice.

    >>> norm = nn.BatchNorm1d(2)
    >>> with frozen_statistics(norm):
    ...     _ = norm(torch.randn(8, 2))
    >>> norm.running_mean.tolist()
    [0.0, 0.0]
    """
    found = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)] if model else []
    kept = [(m, m.momentum, m.num_batches_tracked) for m in found]
    for m in found:
        # a momentum of 0 keeps the averages; the counter is put back
        m.momentum = 0.0
        m.num_batches_tracked = None if m.num_batches_tracked is None else m.num_batches_tracked.clone()
    try:
        yield
    finally:
        for m, momentum, tracked in kept:
            m.momentum, m.num_batches_tracked = momentum, tracked


def length(tensors: list[Tensor]) -> Tensor:
    """The Euclidean length of all tensors together."""
    each: list[Tensor] = [torch.linalg.vector_norm(t) for t in tensors]
    whole: Tensor = torch.linalg.vector_norm(torch.stack(each))
    return whole
