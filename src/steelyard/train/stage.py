"""What is trained, on what, how, and for how long."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from steelyard.core import UsageError
from steelyard.train.objective import Losses, Objective
from steelyard.train.schedules import Schedule

__all__ = ["Closure", "Stage", "StepRule", "parameters_of", "plain_step", "row_step"]


class Closure(Protocol):
    """A batch, to be run as often as a step needs."""

    def __call__(self) -> Losses:
        """Clear gradients, run the batch, backward."""
        ...

    def rows(self) -> tuple[Tensor, Tensor]:
        """Run the batch: the loss of every row and its class, without backward."""
        ...


class StepRule(Protocol):
    """How losses become a step of the optimiser."""

    def __call__(self, closure: Closure, optimizer: Optimizer) -> Losses:
        """Call `closure` or `closure.rows` as often as needed, then step."""
        ...


def plain_step(closure: Closure, optimizer: Optimizer) -> Losses:
    """One backward, one step. Optimisers that take a closure, such as SAM or L-BFGS, get it."""
    seen: list[Losses] = []

    def loss() -> Any:
        seen.append(closure())
        return seen[-1]["loss"]

    optimizer.step(loss)
    return seen[0]


def row_step(closure: Closure, optimizer: Optimizer) -> Losses:
    """A step of an optimiser that tells rows apart, such as ImbSAM; gradients are its own, and are not clipped."""
    loss: Any = optimizer.step(closure.rows)  # type: ignore[arg-type]  # torch expects closures that return a number
    return {"loss": loss}


@dataclass(frozen=True)
class Stage:
    """A stretch of training with one objective and one optimiser.

    When to use it: one for ordinary training, two for decoupled or two-phase training, and so on.

    Attributes:
        objective: what a batch costs.
        batches: epoch -> iterable of batches; the epoch is counted within the stage.
        epochs: how many passes.
        optimizer: parameters -> optimiser, such as `partial(torch.optim.SGD, lr=0.1, momentum=0.9)`.
        lr: learning rate of an epoch; None leaves the optimiser's own.
        train: name patterns of the parameters to train, such as ("head.*",); the others are frozen, and the
            modules that hold none of them run in evaluation mode, so that batch statistics stay. None trains all.
        reset: name patterns of the modules to initialise again before the stage, such as ("head",).
        rule: how losses become a step.
        name: shown in progress and history.

    Source: Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition.
    """

    objective: Objective
    batches: Callable[[int], Iterable[Any]]
    epochs: int
    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    lr: Schedule[float] | None = None
    train: Sequence[str] | None = None
    reset: Sequence[str] = ()
    rule: StepRule = plain_step
    name: str = "train"

    def begin(self, model: nn.Module) -> Optimizer:
        """Initialise what is to be initialised, freeze what is not trained, make the optimiser."""
        for pattern in self.reset:
            _reset(model, pattern)
        trained = {id(parameter) for parameter in parameters_of(model, self.train)}
        for parameter in model.parameters():
            parameter.requires_grad_(id(parameter) in trained)
        own = list(self.objective.parameters()) if isinstance(self.objective, nn.Module) else []
        chosen = [parameter for parameter in model.parameters() if parameter.requires_grad]
        return self.optimizer([*chosen, *own])

    def set_mode(self, model: nn.Module) -> None:
        """Training mode, but evaluation mode for modules with frozen parameters only."""
        model.train()
        for module in model.modules():
            own = list(module.parameters())
            if own and not any(parameter.requires_grad for parameter in own):
                module.eval()


def parameters_of(model: nn.Module, patterns: Sequence[str] | None) -> Iterator[nn.Parameter]:
    """The parameters whose names match a pattern; all of them without patterns.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    >>> [tuple(p.shape) for p in parameters_of(model, ["1.*"])]
    [(1, 2), (1,)]
    """
    named = dict(model.named_parameters())
    for pattern in patterns or ("*",):
        if not fnmatch.filter(named, pattern):
            raise UsageError(
                f"no parameter is called {pattern!r}; there are {', '.join(list(named)[:6])}"
                f"{' …' if len(named) > 6 else ''}"
            )
    for name, parameter in named.items():
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns or ("*",)):
            yield parameter


def _reset(model: nn.Module, pattern: str) -> None:
    modules = {name: module for name, module in model.named_modules() if fnmatch.fnmatch(name, pattern)}
    if not modules:
        raise UsageError(f"no module is called {pattern!r}; name one of the model's modules")
    for module in modules.values():
        for part in module.modules():
            if hasattr(part, "reset_parameters"):
                with torch.no_grad():
                    part.reset_parameters()
