"""What a batch costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from torch import Tensor, nn

from steelyard.core import DataError, UsageError
from steelyard.train.schedules import Schedule, scheduled

__all__ = ["Losses", "Objective", "OnFeatures", "Supervised"]

Losses: TypeAlias = Mapping[str, Tensor]
"""Named scalars of a batch; "loss" is the one that is minimised."""


class Objective(Protocol):
    """One batch in, named losses out; the loop owns backward. An objective that is a Module trains with the model."""

    def step(self, model: nn.Module, batch: Any, epoch: int) -> Losses:
        """The losses of a batch; "loss" is minimised, the others are only recorded."""
        ...


@dataclass(frozen=True)
class Supervised:
    """A loss of the model's output and the labels.

    When to use it: for everything that has one loss on labelled rows.

    Attributes:
        loss: `(output, target) -> scalar`, or a `Schedule` of such, as for deferred re-weighting.
        mix: `(inputs, target) -> (inputs, target)` applied to a batch first, such as mixup; or a `Schedule` of it.

    Batches are `(inputs, target)`; inputs may be a mapping, which the model gets as keyword arguments.

    >>> import torch
    >>> objective = Supervised(nn.CrossEntropyLoss())
    >>> model = nn.Linear(2, 3)
    >>> sorted(objective.step(model, (torch.zeros(4, 2), torch.tensor([0, 1, 2, 0])), 0))
    ['loss']
    """

    loss: Callable[..., Tensor] | Schedule[Callable[..., Tensor]]
    mix: Callable[..., tuple[Any, Any]] | Schedule[Callable[..., tuple[Any, Any]]] | None = None

    def step(self, model: nn.Module, batch: Any, epoch: int) -> Losses:
        """The loss of a batch."""
        output, target = self._outcome(model, batch, epoch)
        return {"loss": scheduled(self.loss, epoch)(output, target)}

    def rows(self, model: nn.Module, batch: Any, epoch: int) -> tuple[Tensor, Tensor]:
        """The loss of every row and its class, for steps that tell rows apart (`row_step`)."""
        output, target = self._outcome(model, batch, epoch)
        loss = scheduled(self.loss, epoch)
        if not hasattr(loss, "values"):
            raise UsageError(
                f"{type(loss).__name__} gives no value a row; take a loss of steelyard.losses, or add `values`"
            )
        return loss.values(output, target), target

    def _outcome(self, model: nn.Module, batch: Any, epoch: int) -> tuple[Any, Any]:
        try:
            inputs, target = batch
        except (TypeError, ValueError) as error:
            raise DataError(
                f"a batch of type {type(batch).__name__} came, expected a pair (inputs, target); "
                "write an objective of your own for other batches"
            ) from error
        if self.mix is not None:
            inputs, target = scheduled(self.mix, epoch)(inputs, target)
        return model(**inputs) if isinstance(inputs, Mapping) else model(inputs), target


class OnFeatures(nn.Module):
    """A loss of the features that the model's head sees, alone or beside a loss of the output.

    When to use it: contrastive training of a body (`loss=None`, with a stage that trains "body.*"), or a regulariser of
    features, such as `losses.NeuralCollapseRegularizer`, beside any class loss. What it learns itself trains along.

    Args:
        features: `(features, target) -> scalar`.
        loss: `(output, target) -> scalar`, or a `Schedule` of such; None for none.
        weight: of the loss of features.

    Batches are `(inputs, target)`; the model has a module `head`.

    >>> import torch
    >>> from steelyard.nets import MLP
    >>> objective = OnFeatures(lambda h, target: h.square().mean(), nn.CrossEntropyLoss())
    >>> found = objective.step(MLP(2, 3), (torch.zeros(4, 2), torch.tensor([0, 1, 2, 0])), 0)
    >>> sorted(found)
    ['features', 'loss', 'output']
    """

    def __init__(
        self,
        features: Callable[..., Tensor],
        loss: Callable[..., Tensor] | Schedule[Callable[..., Tensor]] | None = None,
        *,
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.features, self.loss, self.weight = features, loss, weight

    def step(self, model: nn.Module, batch: Any, epoch: int) -> Losses:
        """The losses of a batch."""
        inputs, target = batch
        seen: list[Tensor] = []
        # a replicated model must be called as a whole, so the features are picked up on the way
        head = getattr(getattr(model, "module", model), "head", None)
        if not isinstance(head, nn.Module):
            raise UsageError(f"{type(model).__name__} has no module `head`; a loss of features needs one")
        hook = head.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
        try:
            output = model(**inputs) if isinstance(inputs, Mapping) else model(inputs)
        finally:
            hook.remove()
        found = {"features": self.features(seen[0], target)}
        found["loss"] = self.weight * found["features"]
        if self.loss is not None:
            found["output"] = scheduled(self.loss, epoch)(output, target)
            found["loss"] = found["loss"] + found["output"]
        return found
