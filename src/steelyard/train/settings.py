"""How to train, whatever is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

from steelyard.core import UsageError

__all__ = ["Logger", "Settings"]

Logger: TypeAlias = Callable[[Mapping[str, Any]], None]
"""Takes the record of an epoch, as it stands in the history."""

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Settings:
    """Options of `fit` that have nothing to do with what is trained.

    Attributes:
        seed: dropout, mixing and initialisation of an epoch depend on it and on the epoch only.
        device: where to train; None takes an accelerator if there is one.
        precision: "float32", "bfloat16", or "float16" with loss scaling (for accelerators; a CPU is slower with it).
        accumulate: batches whose gradients are averaged before a step.
        clip: largest norm of the gradient; None does not clip.
        ema: decay of an exponential moving average of the weights, which is then what is evaluated and kept.
        monitor: the metric of `evaluate` that decides which epoch's weights are kept; None keeps the last.
        lower: smaller values of `monitor` are better.
        patience: epochs without a better `monitor` after which a stage ends; None never ends early.
        every: steps between checkpoints within an epoch, for long ones; None writes at the end of an epoch.
        loggers: called with the record of every epoch, such as `TensorBoard`, `MLflow`, or a function of yours.
    """

    seed: int = 0
    device: str | torch.device | None = None
    precision: str = "float32"
    accumulate: int = 1
    clip: float | None = None
    ema: float | None = None
    monitor: str | None = None
    lower: bool = False
    patience: int | None = None
    every: int | None = None
    loggers: Sequence[Logger] = ()

    def check(self) -> None:
        """Raise a UsageError if options are out of range or contradict each other."""
        if self.precision not in PRECISIONS:
            raise UsageError(f"precision={self.precision!r} came, expected one of {', '.join(PRECISIONS)}")
        if self.accumulate < 1 or (self.every is not None and self.every < 1):
            raise UsageError(f"accumulate={self.accumulate} and every={self.every} came; both count from 1")
        if self.ema is not None and not 0 < self.ema < 1:
            raise UsageError(f"ema={self.ema} came, expected a decay between 0 and 1, such as 0.999")
        if self.patience is not None and self.monitor is None:
            raise UsageError("patience came without monitor; name the metric to watch")
        if self.monitor == "loss" and not self.lower:
            raise UsageError("monitor='loss' would keep the epoch with the largest loss; pass lower=True")

    @property
    def place(self) -> torch.device:
        """The device."""
        if self.device is not None:
            return torch.device(self.device)
        found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        return found or torch.device("cpu")

    @property
    def half(self) -> torch.dtype | None:
        """The type of mixed precision, or None."""
        return PRECISIONS[self.precision]

    def better(self, value: float, best: float | None) -> bool:
        """Whether a value of the monitor beats the best so far."""
        return best is None or (value < best if self.lower else value > best)
