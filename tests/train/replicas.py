"""One of several processes that train together; run as a script with its rank, their number and a folder."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import torch
from torch import Tensor, distributed, nn

from steelyard.train import Batches, Settings, Stage, Supervised, fit


class Scaled(nn.Module):
    """An objective with a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def step(self, model: nn.Module, batch: Any, epoch: int) -> dict[str, Tensor]:
        x, y = batch
        return {"loss": nn.functional.cross_entropy(model(x) * self.scale, y)}


class Part:
    """A share of batches that are the same everywhere."""

    def __init__(self, rank: int, world: int) -> None:
        self.rank, self.world = rank, world

    def __len__(self) -> int:
        return 4

    def __iter__(self) -> Any:
        for i in range(4):
            rows = list(range(8 * i, 8 * i + 8))
            yield rows[self.rank :: self.world]


def train(rank: int, world: int, folder: str) -> None:
    torch.manual_seed(0)
    model, objective = nn.Linear(4, 3), Scaled()
    rng = torch.Generator().manual_seed(1)
    rows = torch.randn(32, 4, generator=rng), torch.randint(3, (32,), generator=rng)
    batches = Batches(rows, Part(rank, world))
    stage = Stage(objective, batches, 2, partial(torch.optim.SGD, lr=0.3))
    fit(model, [stage, stage], settings=Settings(device="cpu", accumulate=2), folder=folder)
    fit(model, [Stage(Supervised(nn.CrossEntropyLoss()), batches, 1, partial(torch.optim.SGD, lr=0.1))])


if __name__ == "__main__":
    place, size, target = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if size > 1:
        meet = f"file://{target}-meet"  # no port that somebody else may take
        distributed.init_process_group("gloo", init_method=meet, rank=place, world_size=size)
    train(place, size, target)
    if size > 1:
        distributed.destroy_process_group()
