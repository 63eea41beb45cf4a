"""A plain PyTorch loop on digits with a long tail: the loss is one line of it, the rows of a batch another."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from steelyard import Prior
from steelyard.data import exponential, make_imbalanced
from steelyard.losses import BalancedSoftmaxLoss, ClassWeightedLoss, TransformedLoss
from steelyard.metrics import recall_by_frequency
from steelyard.samplers import ClassBalanced
from steelyard.train import deferred, scheduled
from steelyard.weights import effective_number

EPOCHS = 30


def train(x: torch.Tensor, y: torch.Tensor, *, loss: Any, sampler: Any = None) -> nn.Module:
    """The loop anybody writes."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=sampler is None, sampler=sampler)
    for epoch in range(EPOCHS):
        if sampler is not None:
            sampler.set_epoch(epoch)
        for inputs, target in loader:
            optimizer.zero_grad()
            scheduled(loss, epoch)(model(inputs), target).backward()
            optimizer.step()
    return model


def main() -> dict[str, dict[str, float]]:
    """Recall of common and rare digits, judged on balanced rows."""
    X, digits = load_digits(return_X_y=True)
    rest, test = train_test_split(np.arange(len(digits)), test_size=0.4, stratify=digits, random_state=0)
    rows = rest[make_imbalanced(digits[rest], exponential(50), seed=0)]
    x, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(digits)
    prior = Prior.of(digits[rows])  # counted on training rows

    plain = TransformedLoss()  # cross-entropy
    weighted = ClassWeightedLoss(effective_number(0.99)(prior), TransformedLoss())
    arms = {
        "cross-entropy": {"loss": plain},
        "balanced softmax": {"loss": BalancedSoftmaxLoss(prior)},
        "weights from epoch 20 on": {"loss": deferred(plain, weighted, at=20)},
        "square-root sampling": {
            "loss": plain,
            "sampler": ClassBalanced(prior, y=digits[rows], power=0.5),
        },
    }
    found = {}
    for name, parts in arms.items():
        model = train(x[rows], y[rows], **parts)
        decisions = model(x[test]).argmax(1).numpy()
        found[name] = recall_by_frequency(digits[test], decisions, prior, many=50, few=20)
        print(f"{name:25}", *(f"{group} {recall:.3f}" for group, recall in found[name].items()))
    return found


if __name__ == "__main__":
    main()
