"""Where the figures of an epoch can go besides the history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from steelyard.core import UsageError, require

__all__ = ["MLflow", "TensorBoard"]


class TensorBoard:
    """Write figures where TensorBoard shows them, over the steps taken so far.

    When to use it: `Settings(loggers=[TensorBoard("runs/ldam")])`, then `tensorboard --logdir runs`. A training that
    goes on where it stopped goes on in the same curves. Needs `pip install 'steelyard[tensorboard]'`.

    Args:
        folder: of this run; runs beside one another are compared.

    Raises:
        MissingExtra: tensorboard is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = folder

    @cached_property
    def writer(self) -> Any:
        """The SummaryWriter of torch."""
        require("tensorboard", extra="tensorboard")
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(str(self.folder))

    def __call__(self, record: Mapping[str, Any]) -> None:
        """The figures of an epoch."""
        for name, value in figures(record).items():
            self.writer.add_scalar(name, value, record["steps"])
        self.writer.flush()


class MLflow:
    """Log figures to the MLflow run that is active, over the steps taken so far.

    When to use it: `with mlflow.start_run(): fit(..., settings=Settings(loggers=[MLflow()]))`; parameters, artifacts
    and where runs are kept stay your own calls of mlflow, and `start_run(run_id=...)` goes on in an earlier run.
    Needs `pip install 'steelyard[mlflow]'`.

    Raises:
        MissingExtra: mlflow is not installed.
        UsageError: no run is active.
    """

    def __call__(self, record: Mapping[str, Any]) -> None:
        """The figures of an epoch."""
        mlflow = require("mlflow", extra="mlflow")
        if mlflow.active_run() is None:
            raise UsageError("no MLflow run is active; put the training into `with mlflow.start_run():`")
        mlflow.log_metrics(figures(record), step=record["steps"])


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """What of a record can be drawn over the steps.

    >>> figures({"stage": "train", "epoch": 1, "steps": 8, "loss": 0.5})
    {'epoch': 1.0, 'loss': 0.5}
    """
    return {
        name: float(value)
        for name, value in record.items()
        if name != "steps" and isinstance(value, int | float)
    }
