"""A stage under Lightning's Trainer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from steelyard.core import UsageError, require
from steelyard.optim import frozen_statistics
from steelyard.train.objective import Losses
from steelyard.train.stage import Stage, plain_step
from steelyard.train.steps import check_rows

require("lightning.pytorch", extra="lightning")

from lightning.pytorch import LightningModule  # noqa: E402 - a missing extra is told first

__all__ = ["LightningStage"]


class LightningStage(LightningModule):  # type: ignore[misc]  # not read by the type checker
    """A network and how it is trained, as Lightning's Trainer takes it.

    When to use it: to train a `Stage` with Lightning's devices, strategies, loggers and callbacks instead of `fit`:
    `Trainer(max_epochs=stage.epochs).fit(LightningStage(model, stage))`; several stages are several such lines on one
    model. Losses, schedules of the epoch, samplers, frozen and renewed modules and step rules do what they do in
    `fit`. Averages of the weights are Lightning's `EMAWeightAveraging`; for validation give `validation_step` in a
    subclass, or train on a loader of your own with `fit(module, loader)`. Needs `pip install 'steelyard[lightning]'`.

    A training that stopped within an epoch goes on with the next batch (`fit(..., ckpt_path=...)`). With several
    processes give each its share of the batches.

    Args:
        model: the network.
        stage: what is trained, on what and how; its batches have a length, as `Batches` do.

    Raises:
        MissingExtra: lightning is not installed.
        UsageError: accumulated gradients with an optimiser that looks at a batch twice, such as SAM.

    >>> from functools import partial
    >>> from lightning.pytorch import Trainer
    >>> from steelyard.train import Batches, Shuffled, Supervised
    >>> x = torch.randn(8, 2)
    >>> stage = Stage(
    ...     Supervised(nn.CrossEntropyLoss()),
    ...     Batches((x, (x[:, 0] > 0).long()), Shuffled(8, 4)),
    ...     epochs=1,
    ...     optimizer=partial(torch.optim.SGD, lr=0.1),
    ... )
    >>> module = LightningStage(nn.Linear(2, 2), stage)  # then Trainer(max_epochs=1).fit(module)
    >>> module(x).shape
    torch.Size([8, 2])
    """

    def __init__(self, model: nn.Module, stage: Stage) -> None:
        super().__init__()
        self.model, self.stage = model, stage
        self.objective = stage.objective  # one that is a module trains and is saved along
        self.automatic_optimization = stage.rule is plain_step
        self._looks = 0

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The network's output."""
        return self.model(*inputs, **named)

    def setup(self, stage: str) -> None:
        """Freeze and renew before weights are replicated or taken from a checkpoint."""
        if stage == "fit":
            self._optimizer = self.stage.begin(self.model)

    def configure_optimizers(self) -> Optimizer:
        """The stage's."""
        return self._optimizer

    def train_dataloader(self) -> Any:
        """The stage's batches."""
        return _Loader(self.stage.batches)

    def on_train_epoch_start(self) -> None:
        """What the epoch decides."""
        self.stage.set_mode(self.model)
        if self.stage.lr is not None:
            for options in self._optimizer.param_groups:
                options["lr"] = self.stage.lr(self.current_epoch)

    def on_train_batch_start(self, *_: Any) -> None:
        """A batch nobody has looked at."""
        self._looks = 0

    def training_step(self, batch: Any, *_: Any) -> Tensor | None:
        """The loss of a batch, or the whole step where the rule is not the plain one."""
        if not self.automatic_optimization:
            self._record(self.stage.rule(_Closure(self, batch), self.optimizers()))
            return None
        if self._looks and self.trainer.accumulate_grad_batches > 1:
            raise UsageError(
                f"accumulate_grad_batches={self.trainer.accumulate_grad_batches} came with an optimiser that looks "
                "at a batch twice, when the batches before are gone; take larger batches, or fit of steelyard.train"
            )
        with self.look():
            losses = self.objective.step(self.model, batch, self.current_epoch)
        if self._looks == 1:
            self._record(losses)
        return losses["loss"]

    def look(self) -> AbstractContextManager[None]:
        """Only the first look at a batch counts in the batch statistics."""
        self._looks += 1
        return frozen_statistics(self.model if self._looks > 1 else None)

    def _record(self, losses: Losses) -> None:
        self.log_dict({name: value.detach() for name, value in losses.items()}, on_step=False, on_epoch=True)


class _Closure:
    """A batch, for rules that step themselves."""

    def __init__(self, module: LightningStage, batch: Any) -> None:
        self.module, self.batch = module, batch

    def __call__(self) -> Losses:
        """Clear gradients, run the batch, backward."""
        with torch.enable_grad():
            with self.module.look():
                losses = self.module.objective.step(self.module.model, self.batch, self.module.current_epoch)
            self.module.optimizers().zero_grad()
            self.module.manual_backward(losses["loss"])
        return losses

    def rows(self) -> tuple[Tensor, Tensor]:
        """The loss and class of every row."""
        module = self.module
        check_rows(module.objective, scaled=module.trainer.precision == "16-mixed")
        with module.look():
            found: tuple[Tensor, Tensor] = module.objective.rows(  # type: ignore[attr-defined]  # checked above
                module.model, self.batch, module.current_epoch
            )
        return found


class _Loader:
    """The batches of a stage, told the epoch as a sampler is, and able to go on within one."""

    def __init__(self, batches: Any) -> None:
        if not hasattr(batches, "__len__"):
            raise UsageError(
                f"the stage's batches are a {type(batches).__name__} without a length; take Batches, or pass a "
                "DataLoader to the Trainer's fit"
            )
        self.batches, self.sampler = batches, self
        self.epoch = self.given = self.start = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Any]:
        self.given, self.start = self.start, 0
        for batch in islice(self.batches(self.epoch), self.given, None):
            self.given += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        return {"given": self.given % len(self)}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.start = state["given"]
