"""Two workers of a real Ray reach the weights of one process, also after one of them was lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("ray.train.torch", reason="Ray Train is not installed: pip install 'steelyard[ray]'")

from torch import Tensor, nn  # noqa: E402

from steelyard.core import MissingExtra  # noqa: E402
from steelyard.losses import BalancedSoftmaxLoss  # noqa: E402
from steelyard.train import Batches, Settings, Stage, Supervised, fit, fit_on_ray  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # ray's own threads and sockets warn


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import ray

    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    monkeypatch.setenv("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "300")  # for a loaded machine
    # workers import what this process imports
    source = str(Path(__file__).resolve().parents[2] / "src")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]))
    ray.shutdown()
    here = sys.modules[__name__]
    ray.cloudpickle.register_pickle_by_value(here)  # workers do not import tests
    ray.init(num_cpus=3, include_dashboard=False, object_store_memory=80 * 2**20, log_to_driver=False)
    yield ray
    ray.shutdown()
    ray.cloudpickle.unregister_pickle_by_value(here)


def _build(mark: Path | None = None) -> Any:
    """What every worker builds; with a mark the second one dies once in its second epoch."""

    class Part:
        def __init__(self, rank: int, world: int) -> None:
            self.rank, self.world, self.epoch = rank, world, 0

        def set_epoch(self, epoch: int) -> None:
            self.epoch = epoch

        def __len__(self) -> int:
            return 4

        def __iter__(self) -> Iterator[list[int]]:
            order = torch.randperm(32, generator=torch.Generator().manual_seed(self.epoch)).tolist()
            for i in range(4):
                if mark is not None and self.rank == 1 and self.epoch == 1 and i == 2 and not mark.exists():
                    mark.touch()
                    os._exit(1)
                yield order[8 * i + self.rank : 8 * i + 8 : self.world]

    def build(rank: int, world: int) -> tuple[nn.Module, list[Stage]]:
        y = torch.tensor([0] * 20 + [1] * 8 + [2] * 4)
        x = torch.randn(32, 4, generator=torch.Generator().manual_seed(1)) + y[:, None]
        model = nn.Linear(4, 3)
        nn.init.zeros_(model.weight)
        nn.init.zeros_(model.bias)
        loss = Supervised(BalancedSoftmaxLoss([20, 8, 4]))
        return model, [Stage(loss, Batches((x, y), Part(rank, world)), 3, partial(torch.optim.SGD, lr=0.3))]

    return build


@pytest.mark.parametrize("lost", [False, pytest.param(True, marks=pytest.mark.small)])
def test_two_workers_give_the_weights_of_one_process(ray: Any, lost: bool, tmp_path: Path) -> None:
    one, stages = _build()(0, 1)
    fit(one, stages, settings=Settings(device="cpu"))
    mark = tmp_path / "died"
    two, history = fit_on_ray(
        _build(mark if lost else None), folder=tmp_path / "run", evaluate=_measure, failures=int(lost)
    )
    assert mark.exists() == lost
    assert history.of("epoch") == [0, 1, 2]
    assert history.of("size")[-1] == pytest.approx(float(two.weight.norm().detach()))
    for name, value in one.state_dict().items():
        torch.testing.assert_close(two.state_dict()[name], value)


def _measure(model: nn.Module) -> dict[str, Tensor]:
    return {"size": model.weight.norm()}


def test_without_ray_the_pip_line_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray.train.torch", None)
    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[ray\]'"):
        fit_on_ray(_build(), folder=tmp_path)
