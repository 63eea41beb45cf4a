"""Train one arm on one seed, with the one loop; whatever happens, what was trained is on disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import BatchSampler

from steelyard.core import Floats, Listener, Prior, derive
from steelyard.data import ImageSet
from steelyard.metrics import balanced_accuracy, log_loss
from steelyard.samplers import ClassBalanced
from steelyard.tasks.image.arms import NOTHING, ImageArm
from steelyard.tasks.image.batches import PictureBatches, Scaling
from steelyard.tasks.image.network import NetworkSpec, make_network
from steelyard.train import Settings, Shuffled, Stage, Supervised, cosine, fit

__all__ = ["Plan", "Trained", "seconds_a_step", "softmax_of", "train_arm"]

Ints = NDArray[np.int64]
RETRAIN = 3
"""A classifier alone is retrained for a third of the epochs."""
TRIED = 4


@dataclass(frozen=True, eq=False)
class Plan:
    """What all arms of a run share.

    Attributes:
        images: all pictures.
        train, validation: positions.
        spec: the network, with a linear head.
        scaling: from bytes to numbers.
        prior: of the training pictures.
        epochs: of doing nothing; arms that retrain a part take a third of them more.
        batch_size, lr, augment, pretrained, device: how to train.
    """

    images: ImageSet
    train: Ints
    validation: Ints
    spec: NetworkSpec
    scaling: Scaling
    prior: Prior
    epochs: int
    batch_size: int
    lr: float
    augment: str
    pretrained: bool
    device: str | None

    def epochs_of(self, arm: ImageArm) -> int:
        """How many epochs an arm trains."""
        return max(1, self.epochs // RETRAIN) if arm.retrains else self.epochs

    def steps_of(self, arm: ImageArm) -> int:
        """How many steps an arm trains."""
        return self.epochs_of(arm) * -(-len(self.train) // self.batch_size)


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished training: the network, what it says of the validation pictures, and its curves."""

    network: nn.Module
    p: Floats
    history: list[dict[str, Any]]
    seconds: float


def train_arm(
    arm: ImageArm,
    plan: Plan,
    seed: int,
    *,
    folder: Path | None = None,
    listener: Listener | None = None,
    body: nn.Module | None = None,
) -> Trained:
    """Train.

    Equal seeds start from equal weights and meet equal batches whatever the arm, so that arms are compared in pairs.

    Args:
        arm: what to do.
        plan: on what and how.
        seed: of the weights, the batches and the augmentation.
        folder: keeps the training state; the same call goes on where it stopped.
        listener: hears about progress.
        body: the finished network of doing nothing, for arms that retrain its head.
    """
    began = time.monotonic()
    spec = NetworkSpec(plan.spec.name, plan.spec.n_classes, plan.spec.channels, arm.head)
    # weights that are published, or those of a finished body, are only loaded where they are used
    network = make_network(spec, seed=seed, pretrained=plan.pretrained and body is None)
    if arm.retrains and body is not None:
        network.load_state_dict(body.state_dict())
    history = fit(
        network,
        [_stage(arm, plan, seed)],
        settings=Settings(seed=derive(seed, "training"), device=plan.device),
        evaluate=_evaluation(plan),
        folder=folder,
        listener=listener,
    )
    p = softmax_of(network, plan.images, plan.validation, plan.scaling)
    return Trained(network, p, history.records, time.monotonic() - began)


def softmax_of(
    network: nn.Module,
    images: ImageSet,
    rows: Ints,
    scaling: Scaling,
    *,
    batch_size: int = 256,
    heard: Callable[[int], None] | None = None,
) -> Floats:
    """Class probabilities (n, K) as the network gives them, in evaluation mode."""
    network.eval()
    place = next(network.parameters()).device
    found = []
    with torch.no_grad():
        for start in range(0, len(rows), batch_size):
            x = scaling(images.pixels[rows[start : start + batch_size]])
            found.append(network(x.to(place)).double().softmax(1).cpu().numpy())
            if heard is not None:
                heard(min(start + batch_size, len(rows)))
    return np.concatenate(found)


def seconds_a_step(plan: Plan) -> float:
    """What a step of plain training takes here, tried on a network that is thrown away."""
    place = Settings(device=plan.device).place
    network = make_network(plan.spec).to(place)
    stage = _stage(NOTHING, plan, seed=0)
    optimizer = stage.begin(network)
    stage.set_mode(network)
    taken = []
    for number, tensors in enumerate(stage.batches(0)):
        began = time.monotonic()
        batch = tuple(one.to(place) for one in tensors)
        optimizer.zero_grad()
        loss: Tensor = stage.objective.step(network, batch, 0)["loss"]
        torch.autograd.backward(loss)
        optimizer.step()
        taken.append(time.monotonic() - began)
        if number == TRIED:
            break
    return float(np.median(taken[1:] or taken))


def _stage(arm: ImageArm, plan: Plan, seed: int) -> Stage:
    epochs = plan.epochs_of(arm)
    batches = derive(seed, "batches")
    if arm.retrains:
        y = plan.images.y[plan.train]
        rows = ClassBalanced(Prior.of(y), y=y, seed=batches)
        stream: Any = BatchSampler(rows, plan.batch_size, drop_last=False)
    else:
        stream = Shuffled(len(plan.train), plan.batch_size, seed=batches)
    return Stage(
        Supervised(arm.loss(plan.prior, epochs)),
        PictureBatches(
            plan.images, plan.train, stream, plan.scaling, augment=plan.augment, seed=derive(seed, "augment")
        ),
        epochs,
        partial(torch.optim.SGD, lr=plan.lr, momentum=0.9, nesterov=True, weight_decay=5e-4),
        # one epoch further than it goes, for the last one has to learn too
        lr=cosine(plan.lr, epochs + 1, warmup=min(5, epochs // 10)),
        train=("head.*",) if arm.retrains else None,
        reset=("head",) if arm.retrains else (),
        name=arm.name,
    )


def _evaluation(plan: Plan) -> Callable[[nn.Module], dict[str, float]]:
    y = plan.images.y[plan.validation]

    def evaluate(network: nn.Module) -> dict[str, float]:
        p = softmax_of(network, plan.images, plan.validation, plan.scaling)
        return {
            "validation_loss": log_loss(y, p),
            "validation_balanced_accuracy": balanced_accuracy(y, p.argmax(1), n_classes=p.shape[1]),
        }

    return evaluate
