"""Inverse image frequency: rare classes' logits are multiplied."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from steelyard.bench import Shared, Trial
from steelyard.losses import LDAMLoss, inverse_image_frequency, logit_adjustment
from steelyard.recipes.digits_long_tail import data_of, judged, logits_of, network, stage, trained, trials

PAPER = {
    "number": "111",
    "title": "Inverse Image Frequency for Long-tailed Image Recognition",
    "area": "longtail",
    "source": "Alexandridis et al. (2023)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron stand for ImageNet-LT",
        "factors are applied after training; cosine heads have scale 10 and learning rate 0.03",
    ],
    "claims": [
        {
            "says": "raw factors on a cosine head beat plain training",
            "metric": "balanced_accuracy",
            "arm": "raw",
            "beats": "plain",
        },
        {
            "says": "smooth factors on a cosine head beat plain training",
            "metric": "balanced_accuracy",
            "arm": "smooth",
            "beats": "plain",
        },
        {"says": "they lift the tail", "metric": "tail_accuracy", "arm": "smooth", "beats": "plain"},
        {
            "says": "factors also help after a margin loss",
            "metric": "balanced_accuracy",
            "arm": "LDAM raw",
            "beats": "LDAM",
        },
        {
            "says": "multiplying beats adding the log prior",
            "metric": "balanced_accuracy",
            "arm": "raw",
            "beats": "additive",
        },
        {
            "says": "on a linear head, whose logits have any sign, raw factors do harm",
            "metric": "balanced_accuracy",
            "arm": "linear plain",
            "beats": "linear raw",
        },
    ],
}

ARMS = ["plain", "raw", "smooth", "additive", "LDAM", "LDAM raw", "linear plain", "linear raw"]
SCALE = 10.0


def build(scale: str, seed: int) -> list[Trial]:
    """Three networks a seed, each judged with and without factors."""
    return trials(compare, ARMS, scale, seed)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Change the logits of one trained network in one way."""
    data, seed = data_of(trial, shared), trial.seed
    kind = trial.arm.split()[0] if trial.arm.split()[0] in ("LDAM", "linear") else "cosine"

    def train() -> nn.Module:
        linear, margin = kind == "linear", kind == "LDAM"
        model = network(seed, head="linear" if linear else "cosine", scale=1.0 if margin else SCALE)
        loss = LDAMLoss(data.prior, scale=SCALE) if margin else nn.CrossEntropyLoss()
        return trained(model, [stage(data, seed, loss, lr=0.1 if linear else 0.03)], seed)

    logits = logits_of(shared(kind, train), data.x_test)
    if trial.arm.endswith(("raw", "smooth")):
        return judged(inverse_image_frequency(data.prior, trial.arm.split()[-1])(logits), data)
    if trial.arm == "additive":
        return judged(logit_adjustment(data.prior, tau=-1.0)(logits), data)
    return judged(logits, data)
