"""Hugging Face's Trainer with losses, samplers, averages and sharpness-aware steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from steelyard.core import UsageError, require
from steelyard.optim import ema, frozen_statistics
from steelyard.train.checkpoint import load_state, save_state
from steelyard.train.schedules import Schedule, scheduled

require("transformers", extra="transformers")
require("accelerate", extra="transformers")

from transformers import Trainer  # noqa: E402 - a missing extra is told first

__all__ = ["HuggingFaceTrainer"]

AVERAGE = "average.safetensors"


class HuggingFaceTrainer(Trainer):  # type: ignore[misc]  # not read by the type checker
    """The Trainer of transformers, with the parts of steelyard that it has no place for.

    When to use it: in place of `transformers.Trainer`, with the same arguments, data and checkpoints. Optimisers are
    given as always, also those that look at a batch twice:
    `optimizer_cls_and_kwargs=(SAM, {"base_optimizer": partial(torch.optim.AdamW, lr=1e-4), "rho": 0.05})`; accumulated
    batches and clipping are right for them too. `resume_from_checkpoint` goes on with the same rows. Needs
    `pip install 'steelyard[transformers]'`.

    Args:
        loss: `(logits, labels) -> scalar`, such as `BalancedSoftmaxLoss(prior)`, or a `Schedule` of such, as for
            deferred re-weighting; None leaves the model's own.
        sampler: a stream of rows such as `ClassBalanced`, for all processes; None leaves the Trainer's.
        ema: decay of an average of the weights, which is then what is evaluated and kept; None for none.
        *arguments, **options: of `transformers.Trainer`.

    Raises:
        MissingExtra: transformers or accelerate are not installed.
        UsageError: `fp16` with an optimiser that looks at a batch twice.

    >>> from steelyard.losses import BalancedSoftmaxLoss
    >>> from transformers import TrainingArguments, ViTConfig, ViTForImageClassification
    >>> config = ViTConfig(image_size=8, patch_size=4, num_channels=1, hidden_size=8, num_hidden_layers=1,
    ...                    num_attention_heads=1, intermediate_size=8, num_labels=2)
    >>> trainer = HuggingFaceTrainer(
    ...     model=ViTForImageClassification(config),
    ...     args=TrainingArguments(use_cpu=True, report_to="none"),
    ...     loss=BalancedSoftmaxLoss([90, 10]),
    ... )  # then train_dataset=..., trainer.train()
    >>> trainer.class_loss.__class__.__name__
    'BalancedSoftmaxLoss'
    """

    def __init__(
        self,
        *arguments: Any,
        loss: Callable[..., Tensor] | Schedule[Callable[..., Tensor]] | None = None,
        sampler: Any = None,
        ema: float | None = None,
        **options: Any,
    ) -> None:
        self.class_loss: Any = loss
        self.sampler, self.decay = sampler, ema
        self.average: AveragedModel | None = None
        self._prepared: Optimizer | None = None
        self._batches: list[tuple[Any, ...]] = []
        if loss is not None:
            options["compute_loss_func"] = self._loss
        super().__init__(*arguments, **options)

    def train(self, *arguments: Any, **options: Any) -> Any:
        """Train; the model ends with the averaged weights where there are such."""
        output = super().train(*arguments, **options)
        if self.average is not None:
            self.model.load_state_dict(self.average.module.state_dict())
        return output

    def create_optimizer(self, *arguments: Any, **options: Any) -> Optimizer:
        """The Trainer's, given a closure and followed by the average."""
        optimizer: Optimizer = super().create_optimizer(*arguments, **options)
        inner = getattr(optimizer, "optimizer", optimizer)  # accelerate has wrapped it when training goes on
        if inner is not self._prepared:
            self._prepared = inner
            inner.register_step_pre_hook(self._with_closure)
            if self.decay is not None:
                self.average = average = ema(self.model, self.decay)
                inner.register_step_post_hook(lambda *_: average.update_parameters(self.model))
        return optimizer

    def training_step(self, model: nn.Module, inputs: Any, *rest: Any, **named: Any) -> Tensor:
        """A batch, kept until the step, since the optimiser may want to see it again."""
        loss: Tensor = super().training_step(model, inputs, *rest, **named)
        self._batches.append((loss, model, inputs, rest, named))
        return loss

    def evaluation_loop(self, *arguments: Any, **options: Any) -> Any:
        """Evaluate the average, during training; afterwards the model is the average."""
        with self._averaged():
            return super().evaluation_loop(*arguments, **options)

    def _get_train_sampler(self, *arguments: Any) -> Any:
        return super()._get_train_sampler(*arguments) if self.sampler is None else self.sampler

    def _loss(self, output: Any, labels: Tensor, num_items_in_batch: Any = None) -> Tensor:
        """The mean over all rows of the batches of a step: what the Trainer expects, since it divides no more."""
        logits = output["logits"] if isinstance(output, Mapping) else output.logits
        loss: Tensor = scheduled(self.class_loss, int(self.state.epoch or 0))(logits, labels)
        if num_items_in_batch is not None:
            loss = loss * ((labels != -100).sum() / num_items_in_batch)
        elif self.model.training:
            loss = loss / self.current_gradient_accumulation_steps
        return loss

    def _with_closure(self, optimizer: Optimizer, *_: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What `step` is called with: a closure whose first look is the one the Trainer took."""
        batches, self._batches = self._batches, []
        looked: list[Tensor] = []

        def closure() -> Tensor:
            if not looked:
                looked.append(torch.stack([loss for loss, *_ in batches]).sum())
                return looked[0]
            if self.accelerator.scaler is not None:
                raise UsageError("an optimiser that looks at a batch twice came with fp16; take bf16")
            optimizer.zero_grad()
            with frozen_statistics(self.model):
                losses = [
                    super(HuggingFaceTrainer, self).training_step(model, inputs, *rest, **named)
                    for _, model, inputs, rest, named in batches
                ]
            if self.args.max_grad_norm:
                self.accelerator.clip_grad_norm_(self.model.parameters(), self.args.max_grad_norm)
            return torch.stack(losses).sum()

        return (optimizer, closure), {}

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        if self.average is None or not self.is_in_train:
            yield
            return
        raw = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.average.module.state_dict())
        try:
            yield
        finally:
            self.model.load_state_dict(raw)

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        super()._save_optimizer_and_scheduler(output_dir)
        if self.average is not None and self.args.should_save:
            save_state(Path(output_dir) / AVERAGE, dict(self.average.state_dict()))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        self._load_average(checkpoint)

    def _load_best_model(self) -> None:
        super()._load_best_model()
        self._load_average(self.state.best_model_checkpoint)

    def _load_average(self, checkpoint: str | None) -> None:
        if self.average is not None and checkpoint is not None:
            self.average.load_state_dict(load_state(Path(checkpoint) / AVERAGE))
