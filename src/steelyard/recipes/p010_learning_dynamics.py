"""Learning dynamics: plain steps drive the rare class uphill at first; steps that normalise each class do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, cross_entropy

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.losses import TransformedLoss
from steelyard.nets import MLP
from steelyard.optim import PerClassNormalised, per_class_gradients
from steelyard.recipes.digits_long_tail import trials
from steelyard.train import Batches, Settings, Shuffled, Stage, Supervised, fit, plain_step, row_step

PAPER = {
    "number": "010",
    "title": "A Theoretical Analysis of the Learning Dynamics under Class Imbalance",
    "area": "longtail",
    "source": "Francazi et al. (2023)",
    "notes": [
        "digits 3 and 8, 150 rows against 10, and a network of 32 hidden units stand for CIFAR and larger networks",
        "200 full-batch steps; learning rate 0.5, and 0.05 for normalised steps, whose length does not shrink",
        "noise: 50 batches of 16 rows at each of ten points of a plain run; cosine with the class's full gradient",
        "half_gap is the gap between the classes' cosines, halved for batches that keep the ratio",
    ],
    "claims": [
        {
            "says": "plain descent drives the rare class uphill, normalised steps do not",
            "metric": "minority_rise",
            "arm": "normalised",
            "beats": "plain",
            "lower": True,
            "data": ["full batch"],
        },
        {
            "says": "no normalised step raises the rare class's loss",
            "metric": "uphill_steps",
            "arm": "normalised",
            "beats": "never uphill",
            "within": 0.0,
            "data": ["full batch"],
        },
        {
            "says": "some plain step raises it",
            "metric": "uphill_steps",
            "arm": "never uphill",
            "beats": "plain",
            "lower": True,
            "data": ["full batch"],
        },
        {
            "says": "in batches that keep the ratio, the rare class's direction is noisier",
            "metric": "alignment",
            "arm": "common class",
            "beats": "rare class",
            "data": ["noise"],
        },
        {
            "says": "batches of equal classes at least halve the gap",
            "metric": "half_gap",
            "arm": "equal classes",
            "beats": "kept ratio",
            "lower": True,
            "data": ["noise"],
        },
    ],
}

COMMON, RARE, STEPS, DRAWS = 150, 10, 200, 50
SPLITS = {"kept ratio": (15, 1), "equal classes": (8, 8)}
ARMS = {
    "full batch": ("plain", "normalised", "never uphill"),
    "noise": ("common class", "rare class", "kept ratio", "equal classes"),
}


def build(scale: str, seed: int) -> list[Trial]:
    """Plain and normalised full-batch steps, and the noise of mini-batches, on every seed."""
    runs = {"full batch": descend, "noise": noise}
    return [t for data, arms in ARMS.items() for t in trials(runs[data], arms, scale, seed, data=data)]


def descend(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """How far, and in how many steps, the rare class's loss rose."""
    if trial.arm == "never uphill":
        return {"minority_rise": 0.0, "uphill_steps": 0.0}
    x, y = shared("rows", lambda: _rows(trial.seed))
    losses = [_rare_loss(_network(trial.seed), x, y)]
    _run(trial.arm, trial.seed, x, y, lambda model: losses.append(_rare_loss(model, x, y)))
    change = np.diff(losses)
    return {"minority_rise": max(losses) - losses[0], "uphill_steps": float((change > 0).sum())}


def noise(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """How well gradients of a batch's class part point along the whole class's."""
    found = shared("cosines", lambda: _cosines(trial.seed))
    if trial.arm in SPLITS:
        common, rare = found[trial.arm]
        return {"half_gap": (common - rare) * (0.5 if trial.arm == "kept ratio" else 1.0)}
    common, rare = found["kept ratio"]
    return {"alignment": common if trial.arm == "common class" else rare}


def _rows(seed: int) -> tuple[Tensor, Tensor]:
    """Digits 3 (class 0) and 8 (class 1)."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(derive(seed, "rows"))
    chosen = [rng.permutation(np.flatnonzero(y == k))[:n] for k, n in ((3, COMMON), (8, RARE))]
    rows = torch.as_tensor(X[np.concatenate(chosen)] / 16.0, dtype=torch.float32)
    return rows, torch.arange(2).repeat_interleave(torch.tensor([COMMON, RARE]))


def _network(seed: int) -> MLP:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        return MLP(64, 2, hidden=(32,))


def _run(arm: str, seed: int, x: Tensor, y: Tensor, seen: Callable[[nn.Module], None]) -> None:
    """Full-batch steps, each an epoch, looked at after every one."""
    normalised = arm == "normalised"
    optimizer: Callable[..., torch.optim.Optimizer] = partial(torch.optim.SGD, lr=0.5)
    if normalised:
        optimizer = partial(PerClassNormalised, base_optimizer=partial(torch.optim.SGD, lr=0.05))
    batches = Batches((x, y), Shuffled(len(y), len(y)))
    rule = row_step if normalised else plain_step
    one = Stage(Supervised(TransformedLoss()), batches, STEPS, optimizer, rule=rule)

    def evaluate(model: nn.Module) -> dict[str, float]:
        seen(model)
        return {}

    fit(_network(seed), [one], settings=Settings(seed=seed, device="cpu"), evaluate=evaluate)


def _rare_loss(model: nn.Module, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        return float(cross_entropy(model(x[y == 1]).double(), y[y == 1]))


def _cosines(seed: int) -> dict[str, tuple[float, float]]:
    """Split -> mean cosine of the common and of the rare class, along a plain run."""
    x, y = _rows(seed)
    rng = np.random.default_rng(derive(seed, "batches"))
    found: dict[str, list[list[float]]] = {split: [] for split in SPLITS}
    steps = 0

    def look(model: nn.Module) -> None:
        nonlocal steps
        steps += 1
        if steps % (STEPS // 10):
            return
        whole = _gradients(model, x, y)
        for split, sizes in SPLITS.items():
            for _ in range(DRAWS):
                parts = [rng.choice(np.flatnonzero(y == k), n, replace=False) for k, n in enumerate(sizes)]
                rows = np.concatenate(parts)
                part = _gradients(model, x[rows], y[rows])
                found[split].append([float(cosine_similarity(part[k], whole[k], dim=0)) for k in (0, 1)])

    _run("plain", seed, x, y, look)
    return {split: tuple(np.mean(cosines, axis=0).tolist()) for split, cosines in found.items()}


def _gradients(model: nn.Module, x: Tensor, y: Tensor) -> list[Tensor]:
    with torch.enable_grad():
        losses = cross_entropy(model(x), y, reduction="none")
        by_class = per_class_gradients(losses, y, list(model.parameters()))
    return [torch.cat([g.flatten() for g in by_class[k]]) for k in (0, 1)]
