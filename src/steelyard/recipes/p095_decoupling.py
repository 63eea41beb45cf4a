"""Decoupling: learn features plainly, then re-make only the classifier."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.losses import logit_adjustment
from steelyard.nets import MLP, LearnableScale, NearestMean, tau_normalised
from steelyard.recipes.digits_long_tail import (
    LongTail,
    data_of,
    judged,
    logits_of,
    network,
    recalls,
    stage,
    trained,
    trials,
)
from steelyard.samplers import ClassBalanced

PAPER = {
    "number": "095",
    "title": "Decoupling Representation and Classifier for Long-Tailed Recognition",
    "area": "longtail",
    "source": "Kang et al. (2020)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron stand for ImageNet-LT and ResNeXt-50",
        "tau is chosen on ten rows a class that are in neither the training nor the test part",
    ],
    "claims": [
        {
            "says": "the nearest class mean beats joint training",
            "metric": "balanced_accuracy",
            "arm": "nearest mean",
            "beats": "joint",
        },
        {
            "says": "learnable weight scaling beats joint training",
            "metric": "balanced_accuracy",
            "arm": "learnable scaling",
            "beats": "joint",
        },
        {
            "says": "tau-normalisation with a validated tau beats joint training",
            "metric": "balanced_accuracy",
            "arm": "tau-normalised",
            "beats": "joint",
        },
        {
            "says": "retraining the classifier beats joint training",
            "metric": "balanced_accuracy",
            "arm": "retrained classifier",
            "beats": "joint",
        },
        {
            "says": "retraining lifts the tail",
            "metric": "tail_accuracy",
            "arm": "retrained classifier",
            "beats": "joint",
        },
        {
            "says": "features from plain sampling under a learnt scaling are as good as class-balanced joint training",
            "metric": "balanced_accuracy",
            "arm": "learnable scaling",
            "beats": "class-balanced sampling",
            "by": -0.005,
        },
    ],
}

TAUS = np.round(np.arange(0, 1.51, 0.1), 1).tolist()
ARMS = [
    *("joint", "class-balanced sampling", "nearest mean", "retrained classifier", "tau-normalised"),
    *("tau 1", "learnable scaling", "logit adjustment"),
]


def build(scale: str, seed: int) -> list[Trial]:
    """Joint training and every repair of it on every seed; the joint network is trained once a seed."""
    return trials(compare, ARMS, scale, seed)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Repair the joint network's classifier in one way."""
    data, seed = data_of(trial, shared), trial.seed
    if trial.arm == "class-balanced sampling":
        model = network(seed)
        trained(model, [stage(data, seed, nn.CrossEntropyLoss(), stream=_balanced(data, seed))], seed)
        return judged(logits_of(model, data.x_test), data)

    def joint() -> MLP:
        return trained(network(seed), [stage(data, seed, nn.CrossEntropyLoss())], seed)

    return judged(_repaired(trial.arm, deepcopy(shared("joint", joint)), data, seed), data)


def _repaired(arm: str, model: MLP, data: LongTail, seed: int) -> Tensor:
    """Logits of the test rows."""
    with torch.no_grad():
        seen, asked, spare = (model.features(rows) for rows in (data.x, data.x_test, data.spare_x))
    if arm == "joint":
        return logits_of(model, data.x_test)
    if arm == "nearest mean":
        return logits_of(NearestMean(norm="centred").fit(seen, data.y, 10), asked)
    if arm == "logit adjustment":
        return cast(Tensor, logit_adjustment(data.prior, tau=-1.0)(logits_of(model, data.x_test)))
    if arm.startswith("tau"):
        rows, head = _validation(data, seed), cast(nn.Linear, model.head)
        taus = [1.0] if arm == "tau 1" else TAUS
        found = max(
            taus, key=lambda tau: _balanced_accuracy(tau_normalised(head, tau)(spare[rows]), data, rows)
        )
        return logits_of(tau_normalised(head, found), asked)
    if arm == "learnable scaling":
        model.head = LearnableScale(model.head, 10)
        trained_part, reset = ["head.scale"], []
    else:
        trained_part, reset = ["head.*"], ["head"]
    second = stage(
        data,
        seed,
        nn.CrossEntropyLoss(),
        epochs=20,
        optimizer=partial(torch.optim.SGD, lr=0.1, momentum=0.9),
        stream=_balanced(data, seed),
        train=trained_part,
        reset=reset,
    )
    return logits_of(trained(model, [second], seed), data.x_test)


def _balanced(data: LongTail, seed: int) -> BatchSampler:
    stream = ClassBalanced(data.prior, y=data.y.numpy(), power=0.0, seed=derive(seed, "balanced"))
    return BatchSampler(stream, 64, drop_last=False)


def _validation(data: LongTail, seed: int) -> Tensor:
    """Ten rows of each class that were not used otherwise, with the prior of the test."""
    rng = np.random.default_rng(derive(seed, "validation"))
    labels = data.spare_y.numpy()
    return torch.as_tensor(
        np.concatenate([rng.choice(np.flatnonzero(labels == k), 10, replace=False) for k in range(10)])
    )


def _balanced_accuracy(logits: Tensor, data: LongTail, rows: Tensor) -> float:
    return float(recalls(logits.argmax(dim=1).numpy(), data.spare_y[rows].numpy()).mean())
