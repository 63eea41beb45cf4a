"""Run stages; whatever happens, what was trained is on disk."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import distributed, nn

from steelyard.core import DataError, Event, Listener, UsageError, derive, write_text
from steelyard.optim import ema
from steelyard.train.checkpoint import load_state, save_state
from steelyard.train.interrupt import gentle_interrupt
from steelyard.train.settings import Settings
from steelyard.train.stage import Stage
from steelyard.train.steps import Stepper, is_distributed

__all__ = ["Evaluate", "History", "fit"]

Evaluate: TypeAlias = Callable[[nn.Module], Mapping[str, float]]
"""What to measure after an epoch; the model comes in evaluation mode."""

STATE, RECORDS = "state.safetensors", "history.jsonl"


@dataclass
class History:
    """What happened: one record an epoch with stage, epoch, steps so far, seconds, lr, mean losses and metrics."""

    records: list[dict[str, Any]] = field(default_factory=list)

    def of(self, name: str) -> list[Any]:
        """One figure over the epochs that have it."""
        return [record[name] for record in self.records if name in record]


def fit(
    model: nn.Module,
    stages: Sequence[Stage],
    *,
    settings: Settings | None = None,
    evaluate: Evaluate | None = None,
    folder: str | Path | None = None,
    listener: Listener | None = None,
) -> History:
    """Train a network, stage after stage, in place.

    When to use it: to train anything in steelyard. In processes of `torch.distributed` the model is replicated,
    gradients are averaged and the first process writes; give each process its share of the batches.

    Args:
        model: the network; it ends with the weights to use, on the device of the settings.
        stages: what to train, in order.
        settings: see `Settings`.
        evaluate: measured after every epoch, for `monitor` and the history.
        folder: keeps the training state after every epoch, and the history as `history.jsonl`; the same call with
            the same folder goes on where it stopped, to the same weights (bit for bit on a CPU). Ctrl-C writes the
            state after the step; a second one stops at once.
        listener: hears about progress; `with core.LiveDisplay() as display` shows it with the time left.

    Returns:
        The history, with the epochs of earlier calls.

    Raises:
        UsageError: options out of range, or names that match nothing.
        DataError: a loss that is not finite, or a folder that holds the state of other stages.

    >>> from functools import partial
    >>> from steelyard.train import Batches, Shuffled, Supervised
    >>> x = torch.linspace(-1, 1, 40).reshape(-1, 1)
    >>> batches = Batches((x, (x[:, 0] > 0).long()), Shuffled(40, 8))
    >>> optimizer = partial(torch.optim.SGD, lr=1.0)
    >>> model = nn.Linear(1, 2)
    >>> history = fit(model, [Stage(Supervised(nn.CrossEntropyLoss()), batches, 5, optimizer)])
    >>> losses = history.of("loss")
    >>> losses[-1] < losses[0]
    True
    """
    settings = settings or Settings()
    settings.check()
    run = _Run(model.to(settings.place), stages, settings, evaluate, folder, listener)
    run.resume()
    try:
        with gentle_interrupt() as run.interrupt:
            for number in range(run.stage, len(stages)):
                run.train(number)
    finally:
        run.finish()
    return run.history


class _Run:
    """The state of a training: everything that a checkpoint holds, and the steps that change it."""

    def __init__(
        self,
        model: nn.Module,
        stages: Sequence[Stage],
        settings: Settings,
        evaluate: Evaluate | None,
        folder: str | Path | None,
        listener: Listener | None,
    ) -> None:
        self.model, self.stages, self.settings, self.evaluate = model, stages, settings, evaluate
        self.folder = None if folder is None else Path(folder)
        self.listener = listener
        self.stage = self.epoch = self.step = 0
        self.sums: dict[str, float] = {}
        self.history = History()
        self.best: dict[str, Any] = {}
        self.kept: dict[str, Any] | None = None
        self.interrupt: Any = None
        self.steps = 0

    def train(self, number: int) -> None:
        """One stage, from its beginning or from where a checkpoint stopped."""
        stage = self.stages[number]
        with torch.random.fork_rng(_devices(self.settings)):
            torch.manual_seed(derive(self.settings.seed, "stage", number))
            self.optimizer = stage.begin(self.model)
        self.average = None if self.settings.ema is None else ema(self.model, self.settings.ema)
        self.stepper = Stepper(self.model, stage, self.optimizer, self.settings)
        if self.kept is not None:
            self._restore(self.kept)
        else:
            self.stage, self.epoch, self.step, self.sums, self.best = number, 0, 0, {}, {}
        while self.epoch < stage.epochs and not self._patience_over():
            begun = time.monotonic()
            self._pass(stage)
            self._close_epoch(stage, time.monotonic() - begun)
            self._heed_interrupt()
        if self.average is not None:
            self.model.load_state_dict(self.average.module.state_dict())
        if "weights" in self.best:
            self.model.load_state_dict(self.best["weights"])
        self.stage, self.epoch, self.best = number + 1, 0, {}
        self._save()

    def resume(self) -> None:
        """Take up the state in the folder, if there is one."""
        if self.folder is None or not (self.folder / STATE).exists():
            return
        state = load_state(self.folder / STATE)
        plan = self._plan()
        if other := [name for name in plan if state["of"].get(name) != plan[name]]:
            raise DataError(
                f"{self.folder} holds the state of another training, with other {', '.join(other)}; "
                "give another folder or delete it"
            )
        self.history.records = state["history"]
        self.stage = state["stage"]
        self.model.load_state_dict(state["model"])
        self.kept = state if state["optimizer"] is not None else None

    def finish(self) -> None:
        """Leave the model ready for use."""
        self.model.requires_grad_(requires_grad=True)
        self.model.eval()

    def _pass(self, stage: Stage) -> None:
        """One epoch, or what is left of it."""
        if stage.lr is not None:
            for options in self.optimizer.param_groups:
                options["lr"] = stage.lr(self.epoch)
        stage.set_mode(self.model)
        with torch.random.fork_rng(_devices(self.settings)):
            torch.manual_seed(derive(self.settings.seed, "epoch", self.stage, self.epoch))
            groups = _grouped(stage.batches(self.epoch), self.settings.accumulate)
            for _ in islice(groups, self.step):
                pass  # made before the checkpoint
            if self.kept is not None:
                torch.set_rng_state(self.kept["rng"])
                self.kept = None
            for group in groups:
                for loss, figure in self.stepper(group, self.epoch).items():
                    self.sums[loss] = self.sums.get(loss, 0.0) + figure
                if self.average is not None:
                    self.average.update_parameters(self.model)
                self.step += 1
                self._after_step(stage)
        if not self.step:
            raise DataError(f"stage {stage.name!r} got no batch in epoch {self.epoch}; check its batches")

    def _after_step(self, stage: Stage) -> None:
        self.steps += 1
        if self.steps == 1:
            self.started = time.monotonic()  # what comes before the second step says nothing about the pace
        self._tell(stage)
        every = self.settings.every
        if self.interrupt.wanted or (every is not None and self.step % every == 0):
            self._save()
        self._heed_interrupt()

    def _heed_interrupt(self) -> None:
        """Stop if Ctrl-C was pressed; the state is written."""
        if self.interrupt.wanted:
            kept = (
                "nothing is kept without a folder"
                if self.folder is None
                else f"{self.folder} goes on from here"
            )
            raise KeyboardInterrupt(f"stopped between two steps; {kept}")

    def _close_epoch(self, stage: Stage, seconds: float) -> None:
        means = {name: total / self.step for name, total in self.sums.items()}
        steps = (self.history.of("steps") or [0])[-1] + self.step
        record: dict[str, Any] = {
            "stage": stage.name,
            "epoch": self.epoch,
            "steps": steps,
            "seconds": seconds,
        }
        record |= {"lr": float(self.optimizer.param_groups[0]["lr"]), **means, **self._measured()}
        self._keep_best(record)
        self.history.records.append(record)
        for log in self.settings.loggers if _first() else ():
            log(record)
        self.epoch, self.step, self.sums = self.epoch + 1, 0, {}
        self._save()

    def _measured(self) -> dict[str, float]:
        if self.evaluate is None:
            return {}
        model = self.model if self.average is None else self.average.module
        model.eval()
        with torch.no_grad():
            return {name: float(value) for name, value in self.evaluate(model).items()}

    def _keep_best(self, record: Mapping[str, Any]) -> None:
        monitor = self.settings.monitor
        if monitor is None:
            return
        if monitor not in record:
            raise UsageError(
                f"monitor={monitor!r} is not among the figures {', '.join(record)}; name one of them"
            )
        value = float(record[monitor])
        if not math.isnan(value) and self.settings.better(value, self.best.get("value")):
            model = self.model if self.average is None else self.average.module
            weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
            self.best = {"value": value, "epoch": self.epoch, "weights": weights}

    def _patience_over(self) -> bool:
        patience, best = self.settings.patience, self.best.get("epoch", 0)
        return patience is not None and self.epoch - 1 - best >= patience

    def _save(self) -> None:
        if self.folder is None or not _first():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        open_ = self.stage < len(self.stages) and bool(self.epoch or self.step)
        objective = self.stages[self.stage].objective if open_ else None
        state = {
            "of": self._plan(),
            "stage": self.stage,
            "epoch": self.epoch,
            "step": self.step,
            "sums": self.sums,
            "rng": torch.get_rng_state(),
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict() if open_ else None,
            "scaler": self.stepper.scaler.state_dict(),
            "objective": dict(objective.state_dict()) if isinstance(objective, nn.Module) else None,
            "average": dict(self.average.state_dict()) if open_ and self.average is not None else None,
            "best": self.best,
            "history": self.history.records,
        }
        save_state(self.folder / STATE, state)
        write_text(self.folder / RECORDS, "".join(f"{json.dumps(one)}\n" for one in self.history.records))

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.epoch, self.step = state["epoch"], state["step"]
        self.sums, self.best = state["sums"], state["best"]
        self.model.load_state_dict(state["model"])
        try:
            self.optimizer.load_state_dict(deepcopy(state["optimizer"]))
        except (KeyError, ValueError) as error:
            raise DataError(
                f"{self.folder} holds the state of another optimiser ({error}); give another folder or delete it"
            ) from error
        self.stepper.scaler.load_state_dict(state["scaler"])
        objective = self.stages[self.stage].objective
        if isinstance(objective, nn.Module):
            objective.load_state_dict(state["objective"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        if not self.step:
            self.kept = None

    def _plan(self) -> dict[str, Any]:
        """What a checkpoint must agree with."""
        settings = self.settings
        return {
            "stages": [[one.name, one.epochs, _size(one, settings.accumulate)] for one in self.stages],
            "network": [[name, list(value.shape)] for name, value in self.model.state_dict().items()],
            "seed": settings.seed,
            "precision": settings.precision,
            "accumulate": settings.accumulate,
            "ema": settings.ema,
        }

    def _tell(self, stage: Stage) -> None:
        if self.listener is None:
            return
        sizes = [_size(one, self.settings.accumulate) for one in self.stages]
        total = sum(sizes) if all(sizes) else 0
        done = sum(sizes[: self.stage]) + self.epoch * (sizes[self.stage] // max(1, stage.epochs)) + self.step
        note = (
            f"{stage.name}, epoch {self.epoch + 1}/{stage.epochs}, loss {self.sums['loss'] / self.step:.3g}"
        )
        if "value" in self.best:
            note += f", best {self.settings.monitor} {self.best['value']:.3g}"
        left = None
        if total and self.steps > 1:
            left = (time.monotonic() - self.started) / (self.steps - 1) * (total - done)
        self.listener(Event("Training", done if total else self.steps, total, note, left))


def _size(stage: Stage, accumulate: int) -> int:
    """Steps of a stage; 0 if unknown."""
    batches = stage.batches
    n = len(batches) if hasattr(batches, "__len__") else 0
    return stage.epochs * math.ceil(n / accumulate)


def _grouped(batches: Any, size: int) -> Iterator[list[Any]]:
    iterator = iter(batches)
    while group := list(islice(iterator, size)):
        yield group


def _devices(settings: Settings) -> list[torch.device]:
    return [] if settings.place.type == "cpu" else [settings.place]


def _first() -> bool:
    return not is_distributed() or distributed.get_rank() == 0
