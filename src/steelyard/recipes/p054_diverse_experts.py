"""Diverse experts: trained once for three class shares, weighed without labels for whatever shares come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.data import exponential, make_imbalanced, reverse
from steelyard.losses import DiverseExpertsLoss
from steelyard.nets import Experts, combined, stable_weights
from steelyard.recipes.digits_long_tail import LongTail, data_of, logits_of, network, stage, trained, trials

PAPER = {
    "number": "054",
    "title": "Self-Supervised Aggregation of Diverse Experts for Test-Agnostic Long-Tailed Recognition",
    "area": "longtail",
    "source": "Zhang et al. (2022)",
    "notes": [
        "digits with a long tail of 1:50 and a perceptron with three linear experts stand for CIFAR-100 and ResNet-32",
        "the third expert has tau 1, not 2: with 2 the weights collapse onto it at this size",
        "weights take 20 steps of 64 rows whatever the test set, so that larger ones are not adapted longer",
        "views are shifts by a pixel and noise of 0.15",
        "transductive: weights are fitted on the test rows, without their labels",
    ],
    "claims": [
        {
            "says": "the first expert is better than the third when the test has the same long tail",
            "metric": "accuracy",
            "arm": "expert 1",
            "beats": "expert 3",
            "data": ["forward"],
        },
        {
            "says": "the third expert is better than the first when the test has the tail reversed",
            "metric": "accuracy",
            "arm": "expert 3",
            "beats": "expert 1",
            "data": ["backward"],
        },
        {
            "says": "weights found without labels beat equal weights on the reversed tail",
            "metric": "accuracy",
            "arm": "weighed",
            "beats": "mean",
            "data": ["backward"],
        },
        {
            "says": "they lose at most two points on the same long tail",
            "metric": "accuracy",
            "arm": "weighed",
            "beats": "mean",
            "by": -0.02,
            "data": ["forward"],
        },
        {
            "says": "they lose at most two points on uniform classes",
            "metric": "accuracy",
            "arm": "weighed",
            "beats": "mean",
            "by": -0.02,
            "data": ["uniform"],
        },
        {
            "says": "the first expert weighs more on the same tail than on the reversed one",
            "metric": "weight_1",
            "arm": "forward",
            "beats": "backward",
            "data": ["weights"],
        },
        {
            "says": "the third expert weighs more on the reversed tail than on the same one",
            "metric": "weight_3",
            "arm": "backward",
            "beats": "forward",
            "data": ["weights"],
        },
    ],
}

TAU, NOISE, RATIO = 1.0, 0.15, 10.0
SHARES = ("forward", "uniform", "backward")
ARMS = ("expert 1", "expert 2", "expert 3", "mean", "weighed")


def build(scale: str, seed: int) -> list[Trial]:
    """One network a seed, each expert and both combinations under three test priors, and the weights found."""
    data = dict.fromkeys(SHARES, ARMS) | {"weights": SHARES}
    return [t for name, arms in data.items() for t in trials(compare, arms, scale, seed, data=name)]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Decide by one expert, or by all."""
    data, seed = data_of(trial, shared), trial.seed

    def train() -> nn.Module:
        model = network(seed, head=lambda: Experts([nn.Linear(32, 10) for _ in range(3)]))
        return trained(model, [stage(data, seed, DiverseExpertsLoss(data.prior, tau=TAU))], seed)

    model = shared(("experts", seed), train)
    name = trial.arm if trial.data == "weights" else trial.data
    rows = _test_rows(data, name, seed)
    weights = shared(("weights", seed, name), lambda: _weights(model, data.x_test[rows], seed))
    if trial.data == "weights":
        return {f"weight_{e + 1}": float(weight) for e, weight in enumerate(weights)}
    logits = logits_of(model, data.x_test[rows])
    if trial.arm.startswith("expert"):
        answer = logits[:, int(trial.arm[-1]) - 1]
    else:
        answer = combined(logits, weights if trial.arm == "weighed" else None)
    return {"accuracy": float((answer.argmax(1) == data.y_test[rows]).float().mean())}


def _test_rows(data: LongTail, name: str, seed: int) -> Tensor:
    """Test rows with the long tail of the training rows, uniform, or with the tail reversed."""
    profile: Any = exponential(RATIO if name != "uniform" else 1.0)
    profile = reverse(profile) if name == "backward" else profile
    return torch.as_tensor(make_imbalanced(data.y_test.numpy(), profile, seed=derive(seed, name)))


def _weights(model: nn.Module, x: Tensor, seed: int) -> Tensor:
    """Weights under which two views of the rows are answered alike."""
    generator = torch.Generator().manual_seed(derive(seed, "views"))
    first, second = (logits_of(model, _view(x, generator)) for _ in range(2))
    return stable_weights(first, second, seed=derive(seed, "steps"))


def _view(x: Tensor, generator: torch.Generator) -> Tensor:
    """Each image moved by up to a pixel either way, with noise."""
    images = nn.functional.pad(x.reshape(-1, 8, 8), (1, 1, 1, 1))
    down, right = torch.randint(3, (2, len(x), 1), generator=generator)
    place = torch.arange(8)
    rows, columns = (down + place)[:, :, None], (right + place)[:, None, :]
    moved = images[torch.arange(len(x))[:, None, None], rows, columns].reshape(len(x), 64)
    return moved + NOISE * torch.randn(moved.shape, generator=generator)
