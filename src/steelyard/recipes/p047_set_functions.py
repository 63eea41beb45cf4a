"""Submodular set functions as contrastive losses, then a linear probe on what they learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn.functional import normalize

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.data import exponential
from steelyard.losses import (
    FacilityLocationLoss,
    GraphCutLoss,
    LogDetLoss,
    SubmodularSupConLoss,
    SupConLoss,
)
from steelyard.nets import MLP
from steelyard.recipes.digits_long_tail import (
    LongTail,
    judged,
    logits_of,
    long_tail,
    network,
    stage,
    trained,
    trials,
)
from steelyard.train import Shuffled, Supervised, cosine

PAPER = {
    "number": "047",
    "title": "SCoRe: Submodular Combinatorial Representation Learning",
    "area": "longtail",
    "source": "Majee et al. (2024)",
    "notes": [
        "digits with a long tail of 1:20 and a perceptron stand for CIFAR and ResNet-50",
        "two noisy views of 128 rows a batch, 200 epochs, a projection of 32 numbers that the probe does not see",
        "every class counts by its part over its size; the publication's factor of ten is left to the learning rate, "
        "for each loss the best of three to seven between 0.0003 and 1, on seeds 0 to 2 and rows of no other use",
        "the triplet baseline takes the hardest positive and negative of the batch, margin 0.2",
        "the probe is a logistic regression on standardised features of the frozen encoder",
    ],
    "claims": [
        {
            "says": "facility location loses at most a point of tail accuracy to supervised contrastive training",
            "metric": "tail_accuracy",
            "arm": "facility location",
            "beats": "SupCon",
            "by": -0.01,
        },
        {
            "says": "log-determinant loses at most a point of tail accuracy to supervised contrastive training",
            "metric": "tail_accuracy",
            "arm": "log-determinant",
            "beats": "SupCon",
            "by": -0.01,
        },
        {
            "says": "facility location beats triplets on the tail",
            "metric": "tail_accuracy",
            "arm": "facility location",
            "beats": "triplets",
        },
        {
            "says": "log-determinant beats triplets on the tail",
            "metric": "tail_accuracy",
            "arm": "log-determinant",
            "beats": "triplets",
        },
        {
            "says": "facility location beats supervised contrastive training in balanced accuracy",
            "metric": "balanced_accuracy",
            "arm": "facility location",
            "beats": "SupCon",
        },
    ],
}

NOISE, BATCH, DIM, MARGIN, EPOCHS = 0.1, 128, 32, 0.2, 200


def triplets(embeddings: Tensor, y: Tensor) -> Tensor:
    """The hardest positive shall be nearer than the hardest negative, by a margin."""
    h = normalize(embeddings, dim=1)
    near, same = h @ h.T, y[:, None] == y[None]
    positive = near.masked_fill(~same, 2.0).amin(1)
    negative = near.masked_fill(same, -2.0).amax(1)
    return (MARGIN + negative - positive).relu().mean()


LOSSES: dict[str, tuple[Any, float]] = {
    "SupCon": (SupConLoss(temperature=0.1), 0.03),
    "facility location": (FacilityLocationLoss(temperature=0.7, balanced=True), 0.003),
    "log-determinant": (LogDetLoss(balanced=True, reduction="sum"), 0.01),
    "graph cut": (GraphCutLoss(balanced=True), 0.0003),
    "submodular SupCon": (SubmodularSupConLoss(), 0.0003),
    "triplets": (triplets, 0.0003),
}
"""Each with its learning rate, which falls along a cosine."""


def build(scale: str, seed: int) -> list[Trial]:
    """Six contrastive losses, and cross-entropy without probe, on every seed."""
    epochs = 4 if scale == "smoke" else EPOCHS
    found = trials(compare, [*LOSSES, "cross-entropy"], scale, seed)
    return [replace(trial, settings={"epochs": epochs}) for trial in found]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train embeddings, then a linear probe on the same rows."""
    seed = trial.seed
    data: LongTail = shared("digits", lambda: long_tail(seed, profile=exponential(20)))
    if trial.arm == "cross-entropy":
        model = trained(network(seed), [stage(data, seed, nn.CrossEntropyLoss())], seed)
        return judged(logits_of(model, data.x_test), data)
    encoder = encoded(data, seed, *LOSSES[trial.arm], trial.settings["epochs"])
    return judged(probed(encoder, data, data.x_test), data)


def encoded(data: LongTail, seed: int, loss: Any, lr: float, epochs: int = EPOCHS) -> MLP:
    """An encoder and its projection, trained by a contrastive loss."""
    model = network(
        seed, head=lambda: nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, DIM)), hidden=(64, 64)
    )
    stream = Shuffled(len(data.y), BATCH, seed=derive(seed, "batches"))
    objective = Supervised(loss, mix=_two_views)
    trained(model, [stage(data, seed, objective, epochs=epochs, lr=cosine(lr, epochs), stream=stream)], seed)
    return model


def probed(encoder: MLP, data: LongTail, rows: Tensor) -> Tensor:
    """What a logistic regression on the encoder's features says of rows, as probabilities."""
    with torch.no_grad():
        seen, asked = (encoder.features(part).numpy() for part in (data.x, rows))
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(seen, data.y.numpy())
    return torch.as_tensor(probe.predict_proba(asked))


def _two_views(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Every row twice, with different noise."""
    both = torch.cat([x, x])
    return both + NOISE * torch.randn_like(both), torch.cat([y, y])
