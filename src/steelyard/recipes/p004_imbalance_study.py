"""A systematic study: over- and undersampling, two phases and thresholds for a small convolutional network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import ceil
from typing import Any

import torch
from torch import Tensor, nn

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.data import step
from steelyard.losses import prior_shift
from steelyard.metrics import roc_auc
from steelyard.recipes.digits_long_tail import LongTail, logits_of, long_tail, recalls, stage, trained, trials
from steelyard.resample import RandomOverSampler, RandomUnderSampler
from steelyard.train import Stage

PAPER = {
    "number": "004",
    "title": "A systematic study of the class imbalance problem in convolutional neural networks",
    "area": "longtail",
    "source": "Buda et al. (2018)",
    "notes": [
        "digits stand for MNIST, five classes of 100 rows and five of 5; rows of fewer classes are not drawn anew",
        "every arm has 432 steps of up to 64 rows; a second phase trains the output layer for 144 more",
        "thresholding divides probabilities by the training prior and does not normalise again",
    ],
    "claims": [
        {
            "says": "oversampling has more balanced accuracy than doing nothing",
            "metric": "balanced_accuracy",
            "arm": "oversampling",
            "beats": "baseline",
            "data": ["step 20"],
        },
        {
            "says": "oversampling has more area under the curve than doing nothing",
            "metric": "macro_auc",
            "arm": "oversampling",
            "beats": "baseline",
            "data": ["step 20"],
        },
        {
            "says": "undersampling to balance has less area under the curve than oversampling",
            "metric": "macro_auc",
            "arm": "oversampling",
            "beats": "undersampling",
            "data": ["step 20"],
        },
        {
            "says": "thresholding has more accuracy on balanced rows than doing nothing",
            "metric": "balanced_accuracy",
            "arm": "thresholding",
            "beats": "baseline",
            "data": ["step 20"],
        },
        {
            "says": "thresholding leaves the area under the curve as it is",
            "metric": "macro_auc",
            "arm": "thresholding",
            "beats": "baseline",
            "within": 1e-6,
            "data": ["step 20"],
        },
        {
            "says": "imbalance hurts: the area under the curve falls from ratio 1 to 5",
            "metric": "macro_auc",
            "arm": "ratio 1",
            "beats": "ratio 5",
            "data": ["dose"],
        },
        {
            "says": "and from ratio 5 to 20",
            "metric": "macro_auc",
            "arm": "ratio 5",
            "beats": "ratio 20",
            "data": ["dose"],
        },
    ],
}

STEPS, BATCH, RATIO = 432, 64, 20
SAMPLERS: dict[str, Any] = {"over": RandomOverSampler, "under": RandomUnderSampler}
ARMS = (
    *("baseline", "oversampling", "undersampling", "two phases, over", "two phases, under"),
    *("thresholding", "oversampling + thresholding"),
)


def build(scale: str, seed: int) -> list[Trial]:
    """Every remedy at ratio 20, and doing nothing at three ratios."""
    doses = ("ratio 1", "ratio 5", "ratio 20")
    return [
        *trials(compare, ARMS, scale, seed, data="step 20"),
        *trials(dose, doses, scale, seed, data="dose"),
    ]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One remedy on rows of five common and five rare classes."""
    seed = trial.seed
    data: LongTail = shared("step 20", lambda: long_tail(seed, profile=step(RATIO)))
    kind = next((kind for kind in SAMPLERS if kind in trial.arm), "")
    stages = [_on(data, kind, seed, STEPS)]
    if trial.arm.startswith("two"):
        stages.append(replace(_on(data, "", seed, STEPS // 3), train=("head.*",)))

    def train() -> nn.Module:
        return trained(_network(seed), stages, seed)

    model = shared((kind, len(stages)), train)
    return _judged(model, data, threshold="thresholding" in trial.arm)


def dose(trial: Trial, shared: Shared) -> Mapping[str, float]:  # noqa: ARG001 - what a run takes
    """Doing nothing at one ratio."""
    seed, ratio = trial.seed, float(trial.arm.split()[1])
    data = long_tail(seed, profile=step(ratio))
    return _judged(trained(_network(seed), [_on(data, "", seed, STEPS)], seed), data, threshold=False)


class _Net(nn.Module):
    """Two convolutions with pooling, and an output layer."""

    def __init__(self) -> None:
        super().__init__()
        one, two = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.body = nn.Sequential(
            one, nn.ReLU(), nn.MaxPool2d(2), two, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        )
        self.head = nn.Linear(64, 10)

    def forward(self, rows: Tensor) -> Tensor:
        scores: Tensor = self.head(self.body(rows.reshape(-1, 1, 8, 8)))
        return scores


def _network(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        return _Net()


def _on(data: LongTail, kind: str, seed: int, steps: int) -> Stage:
    """A stage of as many steps, whatever the number of rows, on sampled or original rows."""
    if kind:
        sampler = SAMPLERS[kind](random_state=derive(seed, "sampler"))
        x, y = sampler.fit_resample(data.x.numpy(), data.y.numpy())
        data = replace(data, x=torch.as_tensor(x, dtype=torch.float32), y=torch.as_tensor(y))
    epochs = steps // ceil(len(data.y) / BATCH)
    sgd: Callable[..., Any] = partial(torch.optim.SGD, lr=0.05, momentum=0.9, weight_decay=5e-4)
    return stage(data, seed, nn.CrossEntropyLoss(), epochs=epochs, optimizer=sgd)


def _judged(model: nn.Module, data: LongTail, *, threshold: bool) -> dict[str, float]:
    logits, y = logits_of(model, data.x_test), data.y_test.numpy()
    decided = logits
    scores = logits.double().softmax(1)
    if threshold:
        scores = scores / torch.as_tensor(data.prior.p)
        decided = prior_shift(data.prior, [1.0] * 10)(logits)
    recall = recalls(decided.argmax(1).numpy(), y)
    seen = logits_of(model, data.x).argmax(1)
    by_class = [roc_auc((y == k).astype(int), scores[:, k].numpy()) for k in range(10)]
    return {
        "macro_auc": sum(by_class) / 10,
        "balanced_accuracy": float(recall.mean()),
        "rare_accuracy": float(recall[5:].mean()),
        "train_accuracy": float((seen == data.y).double().mean()),
    }
