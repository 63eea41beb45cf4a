"""Symmetric geometry: a ReLU before the contrastive loss makes classes orthogonal, whatever their sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.data import step
from steelyard.diagnose import frame_distance
from steelyard.losses import SupConLoss
from steelyard.nets import NearestMean
from steelyard.recipes.digits_long_tail import (
    EPOCHS,
    LongTail,
    logits_of,
    long_tail,
    network,
    recalls,
    stage,
    trained,
    trials,
)
from steelyard.train import cosine

PAPER = {
    "number": "097",
    "title": "Symmetric Neural-Collapse Representations with Supervised Contrastive Loss: "
    "The Impact of ReLU and Batching",
    "area": "longtail",
    "source": "Kini et al. (2024)",
    "notes": [
        "free features: 8 numbers a row that are trained themselves, classes of 20, 20, 2 and 2 rows, by L-BFGS",
        "batches: 24 free features in four classes, two fixed batches that keep two pairs of classes apart",
        "digits with five classes of 100 rows and five of 10, and a perceptron, stand for CIFAR and ResNet",
    ],
    "claims": [
        {
            "says": "with ReLU, class means of free features are orthogonal at the minimum",
            "metric": "frame_distance",
            "arm": "ReLU",
            "beats": "orthogonal frame",
            "within": 1e-3,
            "data": ["free features"],
        },
        {
            "says": "its minimum is the closed form's",
            "metric": "loss",
            "arm": "ReLU",
            "beats": "orthogonal frame",
            "within": 1e-5,
            "data": ["free features"],
        },
        {
            "says": "without ReLU the geometry of free features is lop-sided",
            "metric": "frame_distance",
            "arm": "ReLU",
            "beats": "plain",
            "by": 0.3,
            "lower": True,
            "data": ["free features"],
        },
        {
            "says": "fixed batches leave classes that never meet away from orthogonal",
            "metric": "frame_distance",
            "arm": "bound batches",
            "beats": "fixed batches",
            "by": 0.3,
            "lower": True,
            "data": ["batches"],
        },
        {
            "says": "a bound row of each class makes them orthogonal",
            "metric": "frame_distance",
            "arm": "bound batches",
            "beats": "orthogonal frame",
            "within": 1e-3,
            "data": ["batches"],
        },
        {
            "says": "on digits, class means are closer to orthogonal with ReLU",
            "metric": "frame_distance",
            "arm": "ReLU",
            "beats": "plain",
            "lower": True,
            "data": ["digits"],
        },
        {
            "says": "on digits, ReLU costs at most four points of balanced accuracy",
            "metric": "balanced_accuracy",
            "arm": "ReLU",
            "beats": "plain",
            "by": -0.04,
            "data": ["digits"],
        },
    ],
}

TAU, DIM, DIM_DIGITS = 0.1, 8, 32
LBFGS: dict[str, Any] = {
    "max_iter": 3000,
    "tolerance_grad": 1e-10,
    "tolerance_change": 1e-14,
    "line_search_fn": "strong_wolfe",
}
SIZES, EVEN = (20, 20, 2, 2), (6, 6, 6, 6)
ARMS = {
    "free features": ("ReLU", "plain", "orthogonal frame"),
    "batches": ("fixed batches", "bound batches", "orthogonal frame"),
    "digits": ("ReLU", "plain"),
}


def build(scale: str, seed: int) -> list[Trial]:
    """Free features and digits with and without ReLU; fixed batches with and without bound rows."""
    runs = {"free features": free, "batches": batches, "digits": digits}
    return [t for data, arms in ARMS.items() for t in trials(runs[data], arms, scale, seed, data=data)]


def free(trial: Trial, shared: Shared) -> Mapping[str, float]:  # noqa: ARG001 - what a run takes
    """All rows in one batch."""
    y = _labels(SIZES)
    if trial.arm == "orthogonal frame":
        return {"frame_distance": 0.0, "loss": _least(SIZES)}
    return _minimised(y, [torch.arange(len(y))], trial.seed, relu=trial.arm == "ReLU")


def batches(trial: Trial, shared: Shared) -> Mapping[str, float]:  # noqa: ARG001 - what a run takes
    """Two batches that never change, classes 0 and 1 in one, 2 and 3 in the other."""
    if trial.arm == "orthogonal frame":
        return {"frame_distance": 0.0}
    y = _labels(EVEN)
    parts = [torch.nonzero(y < 2)[:, 0], torch.nonzero(y >= 2)[:, 0]]
    if trial.arm == "bound batches":
        bound = torch.tensor([int(torch.nonzero(y == k)[0]) for k in range(4)])
        parts = [torch.cat([part, bound[(bound[:, None] != part).all(1)]]) for part in parts]
    return _minimised(y, parts, trial.seed, relu=True)


def digits(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """A network trained by the contrastive loss alone, classified by the nearest class mean."""
    seed, relu = trial.seed, trial.arm == "ReLU"
    data: LongTail = shared("digits", lambda: long_tail(seed, profile=step(10)))
    model = network(seed, head=lambda: nn.Linear(64, DIM_DIGITS), hidden=(64,))
    training = stage(data, seed, SupConLoss(temperature=TAU, relu=relu))
    trained(model, [replace(training, lr=cosine(0.1, EPOCHS))], seed)
    seen, asked = (_directions(logits_of(model, rows), relu=relu) for rows in (data.x, data.x_test))
    scores = NearestMean(norm="raw").fit(seen, data.y, 10)(asked)
    return {
        "frame_distance": frame_distance(seen, data.y),
        "balanced_accuracy": float(recalls(scores.argmax(1).numpy(), data.y_test.numpy()).mean()),
    }


def _labels(sizes: Sequence[int]) -> Tensor:
    return torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))


def _least(sizes: Sequence[int]) -> float:
    """The loss of orthogonal classes, the least there is for non-negative features."""
    n = sum(sizes)
    return float(sum(c * (np.log((c - 1) * np.exp(1 / TAU) + n - c) - 1 / TAU) for c in sizes) / n)


def _minimised(y: Tensor, parts: Sequence[Tensor], seed: int, *, relu: bool) -> dict[str, float]:
    """Train the features themselves on batches that never change; their geometry, and the sum of the losses."""
    generator = torch.Generator().manual_seed(derive(seed, "features"))
    start = torch.randn(len(y), DIM, generator=generator, dtype=torch.float64)
    # a row without any positive part has no direction and would stay so
    z = nn.Parameter(start.abs() if relu else start)
    loss, optimizer = SupConLoss(temperature=TAU, relu=relu), torch.optim.LBFGS([z], **LBFGS)

    def closure() -> Tensor:
        optimizer.zero_grad()
        total = torch.stack([loss(z[rows], y[rows]) for rows in parts]).sum()
        torch.autograd.backward(total)
        return total

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch left it bare
    found = float(closure().detach())
    return {"loss": found, "frame_distance": frame_distance(_directions(z.detach(), relu=relu), y)}


def _directions(z: Tensor, *, relu: bool) -> Tensor:
    return normalize(z.relu() if relu else z, dim=1)
