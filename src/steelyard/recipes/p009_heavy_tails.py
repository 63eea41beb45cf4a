"""Heavy tails: gradient descent learns a class at the speed of its frequency, sign descent all at one speed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from steelyard.bench import Shared, Trial
from steelyard.core import DataError, Prior, derive
from steelyard.losses import ClassWeightedLoss
from steelyard.optim import SignSGD, loss_by_frequency
from steelyard.recipes.digits_long_tail import trained, trials
from steelyard.train import Batches, Shuffled, Stage, Supervised

PAPER = {
    "number": "009",
    "title": "Heavy-Tailed Class Imbalance and Why Adam Outperforms Gradient Descent on Language Models",
    "area": "longtail",
    "source": "Kunstner et al. (2024)",
    "notes": [
        "heavy tail: 896 rows of 1,024 uniform columns in 127 classes of 128 down to 2 rows, 30 full-batch steps",
        "each optimiser has momentum 0.9 and the best of five learning rates, powers of ten from 1e-4 to 1",
        "losses are compared by their binary logarithm: a gain of 1 is half the loss",
        "one-hot: seven classes of shares proportional to 1/k, one input each, weights from 0",
    ],
    "claims": [
        {
            "says": "under gradient descent the loss grows with rarity: rank correlation above 0.8",
            "metric": "rank_correlation",
            "arm": "gradient descent",
            "beats": "no dependence",
            "by": 0.8,
            "data": ["heavy tail"],
        },
        {
            "says": "Adam has less than half of its loss on the rarest third of the groups",
            "metric": "log2_loss_rarest_third",
            "arm": "Adam",
            "beats": "gradient descent",
            "by": 1.0,
            "lower": True,
            "data": ["heavy tail"],
        },
        {
            "says": "sign descent has less than half of its loss on the rarest third of the groups",
            "metric": "log2_loss_rarest_third",
            "arm": "sign descent",
            "beats": "gradient descent",
            "by": 1.0,
            "lower": True,
            "data": ["heavy tail"],
        },
        {
            "says": "weights of inverse frequency leave gradient descent less than a third of the rarest group's loss",
            "metric": "log2_loss_rarest",
            "arm": "weighted descent",
            "beats": "gradient descent",
            "by": 1.585,
            "lower": True,
            "data": ["heavy tail"],
        },
        {
            "says": "sign descent from one-hot inputs follows its closed form, the same for every class",
            "metric": "gap",
            "arm": "sign descent",
            "beats": "closed form",
            "within": 1e-10,
            "data": ["one-hot"],
        },
        {
            "says": "gradient descent follows its own, inverse to the class's frequency, within 2 %",
            "metric": "gap",
            "arm": "gradient descent",
            "beats": "closed form",
            "within": 0.02,
            "data": ["one-hot"],
        },
    ],
}

STEPS, RATES = 30, (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "gradient descent": partial(torch.optim.SGD, momentum=0.9),
    "sign descent": partial(SignSGD, momentum=0.9),
    "Adam": torch.optim.Adam,
    "weighted descent": partial(torch.optim.SGD, momentum=0.9),
    "root-weighted descent": partial(torch.optim.SGD, momentum=0.9),
}
POWERS = {"weighted descent": 1.0, "root-weighted descent": 0.5}


def build(scale: str, seed: int) -> list[Trial]:
    """Five optimisers on a heavy tail, two on one-hot inputs, and what they are compared with."""
    heavy = trials(learn, [*OPTIMISERS, "no dependence"], scale, seed, seeds=5, data="heavy tail")
    exact = trials(
        follow, ["sign descent", "gradient descent", "closed form"], scale, seed, seeds=1, data="one-hot"
    )
    size = {"smoke": 4, "small": 7, "full": 9}[scale]
    return [*(replace(trial, settings={"size": size}) for trial in heavy), *exact]


def learn(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """The losses of frequency groups after 30 steps at the best learning rate."""
    if trial.arm == "no dependence":
        return {"rank_correlation": 0.0}
    x, y = shared("rows", lambda: heavy_tail(trial.settings["size"], trial.seed))
    best = min((_losses(trial, x, y, rate) for rate in RATES), key=lambda losses: float(losses.mean()))
    by_count = loss_by_frequency(best, y, Prior.of(y.numpy()))
    groups = np.array(list(by_count.values()))
    third = max(1, len(groups) // 3)
    return {
        "loss": float(best.mean()),
        "rank_correlation": float(spearmanr(range(len(groups)), groups).statistic),
        "log2_loss_rarest_third": float(np.log2(groups[-third:].mean())),
        "log2_loss_rarest": float(np.log2(groups[-1])),
        **{f"loss_{count:g}": loss for count, loss in by_count.items()},
    }


def heavy_tail(size: int, seed: int) -> tuple[Tensor, Tensor]:
    """2^i classes of 2^(size - i) rows each, for i below size; uniform columns that know nothing of them."""
    counts = [2 ** (size - i) for i in range(size) for _ in range(2**i)]
    y = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    rng = np.random.default_rng(derive(seed, "columns"))
    return torch.as_tensor(rng.random((len(y), (size + 1) * 2**size)), dtype=torch.float32), y


def follow(trial: Trial, shared: Shared) -> Mapping[str, float]:  # noqa: ARG001 - what a run takes
    """The largest gap between the losses of the classes and the closed form, over classes."""
    if trial.arm == "closed form":
        return {"gap": 0.0}
    k, signs = 7, trial.arm == "sign descent"
    share = 1 / torch.arange(1, k + 1, dtype=torch.float64)
    share = share / share.sum()
    w = nn.Parameter(torch.zeros(k, k, dtype=torch.float64))
    rate, steps = (0.05, 50) if signs else (1.0, 20_000)
    optimizer = SignSGD([w], lr=rate) if signs else torch.optim.SGD([w], lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.autograd.backward(share @ cross_entropy(w, torch.arange(k), reduction="none"))
        optimizer.step()
    loss = cross_entropy(w.detach(), torch.arange(k), reduction="none")
    if signs:
        expected = np.log1p((k - 1) * np.exp(-2 * rate * steps))
        return {"gap": float((loss - expected).abs().max())}
    return {"gap": float((loss * share * rate * steps * k / (k - 1) - 1).abs().max())}


def _losses(trial: Trial, x: Tensor, y: Tensor, rate: float) -> Tensor:
    """The loss of every row after training; infinite where it diverged."""
    counts = torch.bincount(y).double()
    weight = (counts ** -POWERS.get(trial.arm, 0.0)).tolist()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(trial.seed, "network"))
        model = nn.Linear(x.shape[1], len(counts))

    def optimizer(parameters: Iterable[Any]) -> torch.optim.Optimizer:
        return OPTIMISERS[trial.arm](parameters, lr=rate)

    objective = Supervised(ClassWeightedLoss(weight, reduction="weighted_mean"))
    batches = Batches((x, y), Shuffled(len(y), len(y)))
    try:
        trained(model, [Stage(objective, batches, STEPS, optimizer)], trial.seed)
    except DataError:
        return torch.full((len(y),), torch.inf)
    with torch.no_grad():
        return cross_entropy(model(x), y, reduction="none")
