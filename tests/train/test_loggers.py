"""The figures of epochs arrive in the libraries that show them."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import nn  # noqa: E402

from steelyard.core import MissingExtra, UsageError  # noqa: E402
from steelyard.train import Batches, History, MLflow, Settings, Shuffled, Stage, Supervised, TensorBoard, fit  # noqa: E402


def _fit(folder: Path | None = None, *loggers: Any, stages: int = 2) -> History:
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    batches = Batches((x, (x[:, 0] > 0).long()), Shuffled(20, 5))
    stage = Stage(Supervised(nn.CrossEntropyLoss()), batches, 2, partial(torch.optim.SGD, lr=0.1))
    return fit(
        nn.Linear(3, 2),
        [stage] * stages,
        settings=Settings(device="cpu", loggers=loggers),
        evaluate=lambda model: {"recall": 0.5},
        folder=folder,
    )


def test_the_folder_tells_what_happened_line_by_line(tmp_path: Path) -> None:
    history = _fit(tmp_path)
    lines = (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == history.records
    assert history.of("steps") == [4, 8, 12, 16]


def test_tensorboard_shows_every_figure_over_the_steps(tmp_path: Path) -> None:
    pytest.importorskip(
        "tensorboard", reason="tensorboard is not installed: pip install 'steelyard[tensorboard]'"
    )
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    history = _fit(None, TensorBoard(tmp_path))
    shown = EventAccumulator(str(tmp_path)).Reload()
    assert set(shown.Tags()["scalars"]) == {"epoch", "loss", "lr", "recall", "seconds"}
    assert [point.step for point in shown.Scalars("loss")] == [4, 8, 12, 16]
    assert [point.value for point in shown.Scalars("loss")] == pytest.approx(history.of("loss"))


def test_mlflow_gets_every_figure_in_the_active_run(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not installed: pip install 'steelyard[mlflow]'")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    try:
        with pytest.raises(UsageError, match="with mlflow.start_run"):
            _fit(None, MLflow())
        with mlflow.start_run() as run:
            history = _fit(None, MLflow())
        client = mlflow.MlflowClient()
        for name in ("epoch", "loss", "lr", "recall"):
            found = client.get_metric_history(run.info.run_id, name)
            assert [point.step for point in found] == [4, 8, 12, 16]
            assert [point.value for point in found] == pytest.approx(history.of(name))
    finally:
        mlflow.set_tracking_uri(None)


@pytest.mark.parametrize(("name", "logger"), [("tensorboard", TensorBoard("x")), ("mlflow", MLflow())])
def test_without_the_library_the_pip_line_is_shown(name: str, logger: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'steelyard\[{name}\]'"):
        _fit(None, logger)
