"""Escaping saddle points: SAM with re-weighting, and the curvature of the rare classes' losses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from steelyard.bench import Shared, Trial
from steelyard.diagnose import hessian_by_class
from steelyard.losses import ClassBalancedLoss
from steelyard.optim import SAM
from steelyard.recipes.digits_long_tail import (
    EPOCHS,
    data_of,
    judged,
    logits_of,
    network,
    stage,
    stepped,
    trained,
    trials,
)
from steelyard.train import deferred

PAPER = {
    "number": "011",
    "title": "Escaping Saddle Points for Effective Generalization on Class-Imbalanced Data",
    "area": "longtail",
    "source": "Rangwani et al. (2022)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron stand for CIFAR and ResNet-32; rho is 0.1, not 0.5 to 0.8",
        "as published the learning rate falls a hundredfold as re-weighting starts, at four fifths of the epochs, and "
        "again at nine tenths",
        "curvature: the smallest eigenvalue of the three rarest classes' losses on training rows, 40 Lanczos steps",
    ],
    "claims": [
        {
            "says": "SAM adds to cross-entropy",
            "metric": "balanced_accuracy",
            "arm": "cross-entropy + SAM",
            "beats": "cross-entropy",
        },
        {
            "says": "SAM adds to deferred re-weighting",
            "metric": "balanced_accuracy",
            "arm": "DRW + SAM",
            "beats": "DRW",
        },
        {
            "says": "deferred re-weighting beats cross-entropy on the tail",
            "metric": "tail_accuracy",
            "arm": "DRW",
            "beats": "cross-entropy",
        },
        {
            "says": "SAM lifts the tail of deferred re-weighting",
            "metric": "tail_accuracy",
            "arm": "DRW + SAM",
            "beats": "DRW",
        },
        {
            "says": "the rare classes' losses curve down less after SAM",
            "metric": "lowest_curvature",
            "arm": "DRW + SAM",
            "beats": "DRW",
        },
    ],
}

RHO, RAREST, LANCZOS = 0.1, 3, 40
ARMS = ["cross-entropy", "cross-entropy + SAM", "DRW", "DRW + SAM"]


def build(scale: str, seed: int) -> list[Trial]:
    """Two losses with and without SAM on fifteen seeds."""
    return trials(compare, ARMS, scale, seed, seeds=15)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train, judge on balanced rows, look at the curvature of the rarest classes."""
    data, seed = data_of(trial, shared), trial.seed
    base, _, sharpness = trial.arm.partition(" + ")
    loss: Any = nn.CrossEntropyLoss()
    if base == "DRW":
        loss = deferred(loss, ClassBalancedLoss(data.prior), at=EPOCHS * 4 // 5)
    sgd: Any = partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=5e-4)
    optimizer = partial(SAM, base_optimizer=sgd, rho=RHO) if sharpness else sgd
    model = trained(network(seed), [stage(data, seed, loss, optimizer=optimizer, lr=stepped(0.1))], seed)
    spectra = hessian_by_class(model, data.x, data.y, classes=range(10 - RAREST, 10), steps=LANCZOS)
    curvature = np.mean([spectrum.lowest for spectrum in spectra.values()])
    return {**judged(logits_of(model, data.x_test), data), "lowest_curvature": float(curvature)}
