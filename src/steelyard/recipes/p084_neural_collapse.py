"""Inducing neural collapse: pull features to class means, and spread the means as balanced data would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from steelyard.bench import Shared, Trial
from steelyard.diagnose import collapse_metrics
from steelyard.losses import ClassBalancedLoss, LDAMLoss, LogitAdjustedLoss, NeuralCollapseRegularizer
from steelyard.nets import MLP
from steelyard.recipes.digits_long_tail import (
    EPOCHS,
    LongTail,
    data_of,
    judged,
    logits_of,
    network,
    stage,
    trained,
    trials,
)
from steelyard.train import OnFeatures, cosine, deferred

PAPER = {
    "number": "084",
    "title": "Inducing Neural Collapse in Deep Long-tailed Learning",
    "area": "longtail",
    "source": "Liu et al. (2023)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron stand for CIFAR and ResNet-32",
        "strengths 0.05 (pull) and 0.5 (push), not 0.01 and 0.1, for a network of this size",
        "the network's learning rate rises for three epochs, then falls along a cosine; that of the class means stays",
        "the margin loss has a cosine head of scale 10 and learning rate 0.03; angles are of training features",
    ],
    "claims": [
        {
            "says": "with DRW, the smallest angle between class means grows",
            "metric": "minimum_angle",
            "arm": "DRW + collapse",
            "beats": "DRW",
        },
        {
            "says": "with DRW, the angles come closer to equal ones",
            "metric": "incoherence",
            "arm": "DRW + collapse",
            "beats": "DRW",
            "lower": True,
        },
        {
            "says": "with LDAM, the smallest angle between class means grows",
            "metric": "minimum_angle",
            "arm": "LDAM + collapse",
            "beats": "LDAM",
        },
        {
            "says": "with LDAM, the angles come closer to equal ones",
            "metric": "incoherence",
            "arm": "LDAM + collapse",
            "beats": "LDAM",
            "lower": True,
        },
        {
            "says": "with logit adjustment, the smallest angle between class means grows",
            "metric": "minimum_angle",
            "arm": "logit adjustment + collapse",
            "beats": "logit adjustment",
        },
        {
            "says": "with logit adjustment, the angles come closer to equal ones",
            "metric": "incoherence",
            "arm": "logit adjustment + collapse",
            "beats": "logit adjustment",
            "lower": True,
        },
        {
            "says": "with DRW it costs less than a point of balanced accuracy",
            "metric": "balanced_accuracy",
            "arm": "DRW + collapse",
            "beats": "DRW",
            "by": -0.01,
        },
        {
            "says": "with DRW it raises balanced accuracy",
            "metric": "balanced_accuracy",
            "arm": "DRW + collapse",
            "beats": "DRW",
        },
    ],
}

PULL, PUSH, SCALE = 0.05, 0.5, 10.0
BASES = ("DRW", "LDAM", "logit adjustment")


def build(scale: str, seed: int) -> list[Trial]:
    """Three base losses on every seed, each with and without the regulariser."""
    return trials(compare, [f"{base}{more}" for base in BASES for more in ("", " + collapse")], scale, seed)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train, judge on balanced rows, and measure the angles between classes."""
    data, seed = data_of(trial, shared), trial.seed
    base, _, more = trial.arm.partition(" + ")
    margin = base == "LDAM"
    model = network(seed, head="cosine" if margin else "linear", scale=1.0)
    model = _trained(model, base, data, seed, lr=0.03 if margin else 0.1, regularised=bool(more))
    with torch.no_grad():
        features = model.features(data.x)
    return {**judged(logits_of(model, data.x_test), data), **collapse_metrics(features, data.y)}


def _trained(model: MLP, base: str, data: LongTail, seed: int, *, lr: float, regularised: bool) -> MLP:
    losses: dict[str, Any] = {
        "DRW": deferred(nn.CrossEntropyLoss(), ClassBalancedLoss(data.prior), at=EPOCHS * 4 // 5),
        "LDAM": LDAMLoss(data.prior, scale=SCALE),
        "logit adjustment": LogitAdjustedLoss(data.prior),
    }
    rate = cosine(lr, EPOCHS, warmup=EPOCHS // 20)
    if not regularised:
        trained(model, [stage(data, seed, losses[base], lr=rate)], seed)
        return model
    collapse = NeuralCollapseRegularizer(10, model.dim, pull=PULL, push=PUSH)

    def optimizer(parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        others = {"params": [p for p in parameters if p is not collapse.means]}
        means = {"params": [collapse.means], "weight_decay": 0.0, "momentum": 0.0}
        groups: list[dict[str, Any]] = [others, means]
        return _TwoRates(groups, lr=lr, momentum=0.9, weight_decay=5e-4)

    objective = OnFeatures(collapse, losses[base])
    trained(model, [stage(data, seed, objective, lr=rate, optimizer=optimizer)], seed)
    return model


class _TwoRates(torch.optim.SGD):
    """The class means, the last group, keep their learning rate while the network's falls."""

    def step(self, closure: Any = None) -> Any:
        self.param_groups[-1]["lr"] = 0.5
        return super().step(closure)
