"""LDAM-DRW: margins that grow for rare classes, and re-weighting that starts late."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from steelyard.bench import Shared, Trial
from steelyard.losses import ClassBalancedLoss, LDAMLoss
from steelyard.recipes.digits_long_tail import (
    EPOCHS,
    data_of,
    judged,
    logits_of,
    network,
    stage,
    trained,
    trials,
)
from steelyard.train import deferred

PAPER = {
    "number": "022",
    "title": "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
    "area": "longtail",
    "source": "Cao et al. (2019)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron stand for CIFAR and ResNet-32",
        "every arm has a cosine head of scale 10 and learning rate 0.03: scale 30 with 0.1 does not train at this size",
        "re-weighting starts at four fifths of the epochs, as in the paper",
    ],
    "claims": [
        {
            "says": "the margin loss beats cross-entropy",
            "metric": "balanced_accuracy",
            "arm": "LDAM",
            "beats": "cross-entropy",
        },
        {
            "says": "with deferred re-weighting it beats cross-entropy",
            "metric": "balanced_accuracy",
            "arm": "LDAM-DRW",
            "beats": "cross-entropy",
        },
        {
            "says": "deferred re-weighting adds to the margin loss",
            "metric": "balanced_accuracy",
            "arm": "LDAM-DRW",
            "beats": "LDAM",
        },
        {
            "says": "re-weighting deferred beyond the last epoch is cross-entropy",
            "metric": "balanced_accuracy",
            "arm": "never re-weighted",
            "beats": "cross-entropy",
            "within": 0.0,
        },
    ],
}

SCALE, LR = 10.0, 0.03


def build(scale: str, seed: int) -> list[Trial]:
    """Four losses and the control on every seed."""
    arms = ["cross-entropy", "cross-entropy DRW", "LDAM", "LDAM-DRW", "never re-weighted"]
    return trials(compare, arms, scale, seed)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train with one loss, judge on balanced rows."""
    data = data_of(trial, shared)
    plain = nn.CrossEntropyLoss()
    margin = LDAMLoss(data.prior, margin=0.5, scale=SCALE)
    late = EPOCHS * 4 // 5
    losses = {
        "cross-entropy": plain,
        "cross-entropy DRW": deferred(plain, ClassBalancedLoss(data.prior), at=late),
        "LDAM": margin,
        "LDAM-DRW": deferred(margin, ClassBalancedLoss(data.prior, loss=margin), at=late),
        "never re-weighted": deferred(plain, ClassBalancedLoss(data.prior), at=EPOCHS),
    }
    # the margin loss scales cosines itself
    scale = 1.0 if trial.arm.startswith("LDAM") else SCALE
    model = network(trial.seed, head="cosine", scale=scale)
    trained(model, [stage(data, trial.seed, losses[trial.arm], lr=LR)], trial.seed)
    return judged(logits_of(model, data.x_test), data)
