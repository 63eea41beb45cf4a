"""Lightning on digits with a long tail: first a module of one's own with another loss, then stages of steelyard."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from steelyard import Prior
from steelyard.data import exponential, make_imbalanced
from steelyard.losses import BalancedSoftmaxLoss, TransformedLoss
from steelyard.metrics import recall_by_frequency
from steelyard.nets import MLP
from steelyard.optim import SAM
from steelyard.samplers import ClassBalanced
from steelyard.train import Batches, LightningStage, Shuffled, Stage, Supervised

SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=5e-4)


class Digits(LightningModule):
    """A module as it stands in many projects; the loss comes from outside."""

    def __init__(self, loss: Any) -> None:
        super().__init__()
        self.net, self.loss = MLP(64, 10, hidden=(64,)), loss

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)

    def training_step(self, batch: Any) -> Tensor:
        inputs, target = batch
        return self.loss(self(inputs), target)

    def configure_optimizers(self) -> Any:
        return SGD(self.parameters())


def trainer(epochs: int) -> Trainer:
    """Quiet, on the processor."""
    return Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def main() -> dict[str, dict[str, float]]:
    """Recall of common and rare digits, judged on balanced rows."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    X, digits = load_digits(return_X_y=True)
    rest, test = train_test_split(np.arange(len(digits)), test_size=0.4, stratify=digits, random_state=0)
    rows = rest[make_imbalanced(digits[rest], exponential(50), seed=0)]
    x, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(digits)
    prior = Prior.of(digits[rows])  # counted on training rows
    found = {}

    def judge(name: str, model: nn.Module) -> None:
        decisions = model.eval()(x[test]).argmax(1).numpy()
        found[name] = recall_by_frequency(digits[test], decisions, prior, many=50, few=20)
        print(f"{name:25}", *(f"{group} {recall:.3f}" for group, recall in found[name].items()))

    # one line changes
    for name, loss in (
        ("cross-entropy", nn.CrossEntropyLoss()),
        ("balanced softmax", BalancedSoftmaxLoss(prior)),
    ):
        torch.manual_seed(0)
        module = Digits(loss)
        trainer(30).fit(module, DataLoader(TensorDataset(x[rows], y[rows]), batch_size=64, shuffle=True))
        judge(name, module)

    # two stages: the body with sharpness-aware steps on rows as they are, then the head alone on balanced rows
    torch.manual_seed(0)
    model = MLP(64, 10, hidden=(64,))
    data = x[rows], y[rows]
    balanced = torch.utils.data.BatchSampler(ClassBalanced(prior, y=digits[rows]), 64, drop_last=False)
    objective = Supervised(TransformedLoss())
    stages = [
        Stage(
            objective, Batches(data, Shuffled(len(rows), 64)), 30, partial(SAM, base_optimizer=SGD, rho=0.05)
        ),
        Stage(objective, Batches(data, balanced), 10, SGD, train=["head.*"], reset=["head"]),
    ]
    for stage in stages:
        trainer(stage.epochs).fit(LightningStage(model, stage))
    judge("SAM, then the head anew", model)
    return found


if __name__ == "__main__":
    main()
