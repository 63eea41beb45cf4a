"""Training on several machines with Ray Train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from torch import nn

from steelyard.core import require
from steelyard.train.loop import Evaluate, History, fit
from steelyard.train.settings import Settings
from steelyard.train.stage import Stage

__all__ = ["Build", "fit_on_ray"]

Build: TypeAlias = Callable[[int, int], tuple[nn.Module, Sequence[Stage]]]
"""(rank, number of workers) -> the network and its stages, with this worker's share of the batches."""


def fit_on_ray(
    build: Build,
    *,
    folder: str | Path,
    workers: int = 2,
    settings: Settings | None = None,
    evaluate: Evaluate | None = None,
    gpu: bool = False,
    failures: int = 0,
) -> tuple[nn.Module, History]:
    """`fit` in several workers of a Ray cluster, which replicate the network and share the batches.

    When to use it: one machine is too slow, or machines may be lost: a training that lost a worker goes on from the
    folder. Call `ray.init(address)` first for a cluster; without it Ray starts here. Needs
    `pip install 'steelyard[ray]'`.

    Args:
        build: run in every worker; samplers of `steelyard.samplers` take the two numbers as `rank` and `world_size`.
        folder: see `fit`; a place that all machines share.
        workers: how many.
        settings, evaluate: see `fit`.
        gpu: a graphics card for every worker.
        failures: how often to go on after the loss of a worker; -1 for always.

    Returns:
        The trained network, on this machine, and the history.

    Raises:
        MissingExtra: Ray is not installed.
        ray.train.TrainingFailedError: a worker failed more often than `failures`; its reason is in the message.
    """
    torch_trainer = require("ray.train.torch", extra="ray")
    train = require("ray.train", extra="ray")
    settings, folder = settings or Settings(), Path(folder).resolve()

    def work() -> None:
        context = train.get_context()
        model, stages = build(context.get_world_rank(), context.get_world_size())
        here = replace(settings, device=torch_trainer.get_device())
        fit(model, stages, settings=here, evaluate=evaluate, folder=folder)

    torch_trainer.TorchTrainer(
        work,
        scaling_config=train.ScalingConfig(num_workers=workers, use_gpu=gpu),
        run_config=train.RunConfig(
            name="ray", storage_path=str(folder), failure_config=train.FailureConfig(max_failures=failures)
        ),
    ).fit()
    model, stages = build(0, workers)
    # the folder holds a finished training, which is read and not repeated
    return model, fit(model, stages, settings=replace(settings, loggers=()), evaluate=evaluate, folder=folder)
