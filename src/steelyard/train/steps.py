"""One step: clear gradients, run the batch, backward, clip, and let the rule and the optimiser do theirs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer

from steelyard.core import DataError, UsageError
from steelyard.optim import frozen_statistics
from steelyard.train.objective import Losses
from steelyard.train.settings import Settings
from steelyard.train.stage import Stage

__all__ = ["Stepper", "check_rows", "is_distributed", "moved"]


class Stepper:
    """Makes the steps of one stage.

    Args:
        model: the network.
        stage: with its objective and rule.
        optimizer: the stage's.
        settings: precision, clipping.
    """

    def __init__(self, model: nn.Module, stage: Stage, optimizer: Optimizer, settings: Settings) -> None:
        self.model, self.stage, self.optimizer, self.settings = model, stage, optimizer, settings
        self.seen = DistributedDataParallel(model) if is_distributed() else model
        self.scaler = torch.amp.GradScaler(settings.place.type, enabled=settings.precision == "float16")

    def __call__(self, batches: Sequence[Any], epoch: int) -> dict[str, float]:
        """One step on the averaged gradients of some batches; the figures of its losses."""
        place = self.settings.place
        closure = _Batch(self, [moved(batch, place) for batch in batches], epoch)
        try:
            losses = self.stage.rule(closure, self.optimizer)
        except _Overflow:
            losses = closure.first  # the scale is lower now, and the next batch gets its step
        return {name: float(value.detach()) for name, value in losses.items()}

    def backward(self, batches: Sequence[Any], epoch: int) -> tuple[Losses, bool]:
        """Clear gradients, run the batches, backward; the mean losses, and whether the gradients are of use."""
        self.optimizer.zero_grad(set_to_none=True)
        total: dict[str, Tensor] = {}
        for i, batch in enumerate(batches):
            with self._sync(last=i == len(batches) - 1):
                with self._precision():
                    losses = self.stage.objective.step(self.seen, batch, epoch)
                _check(losses)
                torch.autograd.backward(self.scaler.scale(losses["loss"] / len(batches)))
            for name, value in losses.items():
                total[name] = total.get(name, torch.zeros_like(value)) + value.detach() / len(batches)
        self._share_own()
        return total, self._finish_gradients()

    def _finish_gradients(self) -> bool:
        """Undo the scale and clip; False if half precision could not hold the gradients."""
        scaled, clip = self.scaler.is_enabled(), self.settings.clip
        if not scaled and clip is None:
            return True
        if scaled:
            self.scaler.unscale_(self.optimizer)
            # now and not once a step, since an optimiser that looks twice has gradients to unscale twice
            self.scaler.update()
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        norm = nn.utils.clip_grad_norm_(parameters, math.inf if clip is None else clip)
        return not scaled or bool(norm.isfinite())

    def rows(self, batches: Sequence[Any], epoch: int) -> tuple[Tensor, Tensor]:
        """Run the batches: the loss and class of every row."""
        objective: Any = self.stage.objective
        check_rows(objective, scaled=self.scaler.is_enabled())
        with self._precision():
            parts = [objective.rows(self.seen, batch, epoch) for batch in batches]
        return torch.cat([losses for losses, _ in parts]), torch.cat([classes for _, classes in parts])

    def _precision(self) -> AbstractContextManager[Any]:
        half = self.settings.half
        return torch.autocast(self.settings.place.type, half, enabled=half is not None)

    def _sync(self, *, last: bool) -> AbstractContextManager[Any]:
        """Gradients of several processes are averaged once a step."""
        if isinstance(self.seen, DistributedDataParallel) and not last:
            return self.seen.no_sync()
        return nullcontext()

    def _share_own(self) -> None:
        """Average the gradients of an objective's own parameters over processes; the model's are."""
        if is_distributed() and isinstance(self.stage.objective, nn.Module):
            for parameter in self.stage.objective.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(parameter.grad)
                    parameter.grad /= distributed.get_world_size()


class _Batch:
    """What a step rule is given; an optimiser that looks twice counts a batch once in the batch statistics."""

    def __init__(self, stepper: Stepper, batches: Sequence[Any], epoch: int) -> None:
        self.stepper, self.batches, self.epoch, self.calls = stepper, batches, epoch, 0
        self.first: Losses = {}

    def __call__(self) -> Losses:
        """Clear gradients, run the batch, backward."""
        with self._once(), torch.enable_grad():
            losses, usable = self.stepper.backward(self.batches, self.epoch)
        self.first = self.first or losses
        if not usable:
            raise _Overflow
        return losses

    def rows(self) -> tuple[Tensor, Tensor]:
        """Run the batch, row by row."""
        with self._once():
            return self.stepper.rows(self.batches, self.epoch)

    def _once(self) -> AbstractContextManager[Any]:
        self.calls += 1
        return nullcontext() if self.calls == 1 else frozen_statistics(self.stepper.model)


class _Overflow(Exception):  # noqa: N818 - nothing went wrong: the step is left out
    """Gradients that half precision could not hold at this scale."""


def is_distributed() -> bool:
    """Whether several processes train together."""
    return distributed.is_available() and distributed.is_initialized()


def check_rows(objective: Any, *, scaled: bool) -> None:
    """Whether a step that tells rows apart is right here: it finds its gradients itself, and nobody else sees them."""
    if not hasattr(objective, "rows"):
        raise UsageError(
            f"{type(objective).__name__} has no method rows, which this step needs; take Supervised or add it"
        )
    if scaled:
        raise UsageError(
            "a step that tells rows apart came with float16, whose loss must be scaled; take bfloat16"
        )
    if is_distributed():
        raise UsageError(
            "a step that tells rows apart came in one of several processes, which would not share its gradients; "
            "train in one process"
        )


def moved(batch: Any, place: torch.device) -> Any:
    """A batch with all its tensors on a device."""
    if isinstance(batch, Tensor):
        return batch.to(place, non_blocking=True)
    if isinstance(batch, Mapping):
        return {name: moved(value, place) for name, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(moved(value, place) for value in batch)
    return batch


def _check(losses: Losses) -> None:
    if "loss" not in losses:
        raise DataError(f"an objective returned {', '.join(losses) or 'nothing'}; one of them must be 'loss'")
    if not torch.isfinite(losses["loss"]):
        raise DataError(
            f"the loss became {float(losses['loss'].detach())}; lower the learning rate, clip gradients, or look "
            "for missing or huge values in the batch"
        )
