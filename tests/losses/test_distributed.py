"""What losses keep is the same in every process of a run, and what one process would hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch
from torch import Tensor, distributed

from steelyard.losses import EqualizationV2Loss, FeatureQueue, GroupDRO, PrototypeQueue

DRAW = torch.Generator().manual_seed(0)
Z, T = torch.randn(8, 3, generator=DRAW), (torch.rand(8, 3, generator=DRAW) < 0.4).float()
Y = torch.tensor([0, 1, 2, 0, 1, 1, 2, 0])


def seen(rows: slice) -> dict[str, Tensor]:
    """The states after one batch, which is a part of the rows."""
    balance, queue, dro = EqualizationV2Loss(3), FeatureQueue(8, 3), GroupDRO(3)
    prototypes = PrototypeQueue(3, 3, size=4, draw=1)
    balance(Z[rows], T[rows])
    queue(Z[rows], Y[rows])
    prototypes(Z[rows], Y[rows])
    dro(Z[rows, 0].abs(), Y[rows])
    parts = {"balance": balance, "queue": queue, "prototypes": prototypes, "dro": dro}
    return {
        f"{name}.{key}": value for name, part in parts.items() for key, value in part.state_dict().items()
    }


def process(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    torch.save(seen(slice(4 * rank, 4 * rank + 4)), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def test_two_processes_hold_what_one_would(tmp_path: Path) -> None:
    environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo"}
    command = [sys.executable, __file__]
    running = [subprocess.Popen([*command, str(rank), str(tmp_path)], env=environment) for rank in (0, 1)]
    assert [one.wait(timeout=300) for one in running] == [0, 0]
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    whole = seen(slice(0, 8))
    assert first.keys() == whole.keys()
    for name, value in whole.items():
        assert torch.equal(first[name], second[name]), name
        assert torch.allclose(first[name].double(), value.double(), atol=1e-6), name


if __name__ == "__main__":
    process(int(sys.argv[1]), sys.argv[2])
