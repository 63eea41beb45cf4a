"""One of several processes that train together under another library; run as a script, as `replicas.py` is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from steelyard.losses import BalancedSoftmaxLoss, TransformedLoss
from steelyard.nets import MLP
from steelyard.optim import SAM
from steelyard.train import Batches, Settings, Stage, Supervised, deferred, fit, save_state

Y = torch.tensor([0] * 16 + [1] * 10 + [2] * 6)[
    torch.randperm(32, generator=torch.Generator().manual_seed(2))
]
X = torch.randn(32, 4, generator=torch.Generator().manual_seed(1)) + Y[:, None]
LOSS = deferred(TransformedLoss(), BalancedSoftmaxLoss([16, 10, 6]), at=1)
SHARP: dict[str, Any] = {"base_optimizer": partial(torch.optim.SGD, lr=0.3), "rho": 0.1}


class Part:
    """A share of batches of eight rows."""

    def __init__(self, rank: int, world: int) -> None:
        self.rank, self.world = rank, world

    def __len__(self) -> int:
        return 4

    def __iter__(self) -> Iterator[list[int]]:
        for i in range(4):
            yield list(range(8 * i, 8 * i + 8))[self.rank :: self.world]


def under_fit(model: nn.Module, stages: list[Stage], *_: Any) -> None:
    fit(model, stages, settings=Settings(device="cpu"))


def under_lightning(model: nn.Module, stages: list[Stage], world: int, folder: Path) -> None:
    from lightning.pytorch import Trainer

    from steelyard.train import LightningStage

    for stage in stages:
        Trainer(
            max_epochs=stage.epochs,
            accelerator="cpu",
            devices=world,
            strategy="ddp" if world > 1 else "auto",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            default_root_dir=folder,
        ).fit(LightningStage(model, stage))


class Rows(Dataset[dict[str, Tensor]]):
    def __len__(self) -> int:
        return len(Y)

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        return {"x": X[i], "labels": Y[i]}


class Named(nn.Module):
    """A network as transformers calls it."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        return {"logits": self.net(x)}


def under_huggingface(model: nn.Module, stages: list[Stage], world: int, folder: Path) -> None:
    from transformers import TrainingArguments

    from steelyard.train import HuggingFaceTrainer

    for stage in stages:
        stage.begin(model)
        HuggingFaceTrainer(
            model=Named(model),
            args=TrainingArguments(
                output_dir=str(folder),
                use_cpu=True,
                ddp_backend="gloo" if world > 1 else None,
                report_to="none",
                dataloader_pin_memory=False,
                num_train_epochs=stage.epochs,
                per_device_train_batch_size=8 // world,
                lr_scheduler_type="constant",
                save_strategy="no",
                max_grad_norm=0.0,
            ),
            train_dataset=Rows(),
            loss=LOSS,
            sampler=range(32),
            optimizer_cls_and_kwargs=(SAM, SHARP),
        ).train()


WAYS = {"fit": under_fit, "lightning": under_lightning, "huggingface": under_huggingface}


def train(way: str, rank: int, world: int, folder: str) -> None:
    torch.manual_seed(0)
    model = MLP(4, 3, hidden=(6,))
    batches = Batches((X, Y), Part(rank, world))
    sharp = partial(SAM, **SHARP)
    stages = [
        Stage(Supervised(LOSS), batches, 2, sharp),
        Stage(Supervised(LOSS), batches, 2, sharp, train=["head.*"]),
    ]
    WAYS[way](model, stages, world, Path(folder))
    if rank == 0:
        save_state(f"{folder}.safetensors", dict(model.state_dict()))


if __name__ == "__main__":
    train(sys.argv[1], int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")), sys.argv[2])
