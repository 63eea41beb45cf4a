"""ImbSAM: sharpness-aware steps whose uphill direction comes from the tail alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch

from steelyard.bench import Shared, Trial
from steelyard.losses import TransformedLoss
from steelyard.optim import SAM, ImbSAM, tail_classes
from steelyard.recipes.digits_long_tail import data_of, judged, logits_of, network, stage, trained, trials
from steelyard.train import row_step

PAPER = {
    "number": "003",
    "title": "ImbSAM: A Closer Look at Sharpness-Aware Minimization in Class-Imbalanced Recognition",
    "area": "longtail",
    "source": "Zhou et al. (2023)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron stand for CIFAR-100 and ResNet-34; rho is 0.1",
        "the arm with rho 0 keeps the double weight of tail rows that the released code has, and nothing else",
    ],
    "claims": [
        {
            "says": "it lifts the tail over plain steps",
            "metric": "tail_accuracy",
            "arm": "ImbSAM",
            "beats": "SGD",
        },
        {
            "says": "not by the double weight alone: flatness helps the tail",
            "metric": "tail_accuracy",
            "arm": "ImbSAM",
            "beats": "ImbSAM rho 0",
        },
        {
            "says": "it lifts balanced accuracy over plain steps",
            "metric": "balanced_accuracy",
            "arm": "ImbSAM",
            "beats": "SGD",
        },
        {
            "says": "it lifts the tail more than SAM does",
            "metric": "tail_accuracy",
            "arm": "ImbSAM",
            "beats": "SAM",
        },
    ],
}

RHO = 0.1


def build(scale: str, seed: int) -> list[Trial]:
    """Four step rules on every seed."""
    return trials(compare, ["SGD", "SAM", "ImbSAM", "ImbSAM rho 0"], scale, seed)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train with one kind of step, judge on balanced rows."""
    data, seed = data_of(trial, shared), trial.seed
    sgd = partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=5e-4)
    options: dict[str, Any] = {"optimizer": sgd}
    if trial.arm == "SAM":
        options = {"optimizer": partial(SAM, base_optimizer=sgd, rho=RHO)}
    if trial.arm.startswith("ImbSAM"):
        rho = 0.0 if trial.arm.endswith("0") else RHO
        tail = tail_classes(data.prior, fewer_than=20)
        options = {"optimizer": partial(ImbSAM, base_optimizer=sgd, tail=tail, rho=rho), "rule": row_step}
    model = trained(network(seed), [stage(data, seed, TransformedLoss(), **options)], seed)
    return judged(logits_of(model, data.x_test), data)
