"""Asymmetric loss: many labels, few of them true in a row, and some of those missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from steelyard.bench import Shared, Trial
from steelyard.core import derive
from steelyard.losses import AsymmetricLoss, SigmoidFocalLoss
from steelyard.metrics import average_precision
from steelyard.nets import MLP
from steelyard.recipes.digits_long_tail import trained, trials
from steelyard.train import Batches, Shuffled, Stage, Supervised

PAPER = {
    "number": "055",
    "title": "Asymmetric Loss For Multi-Label Classification",
    "area": "longtail",
    "source": "Ridnik et al. (2021)",
    "notes": [
        "synthetic rows with 40 labels, each true in 2 % of them, and a perceptron stand for MS-COCO and TResNet",
        "missing labels: each positive of the training rows is turned into a negative with probability 0.1",
        "all losses are summed, and trained by Adam, whose steps do not depend on the scale of a loss",
    ],
    "claims": [
        {
            "says": "with missing labels it has more mean average precision than binary cross-entropy",
            "metric": "mean_average_precision",
            "arm": "asymmetric",
            "beats": "cross-entropy",
            "data": ["missing"],
        },
        {
            "says": "with complete labels it loses at most half a point to binary cross-entropy",
            "metric": "mean_average_precision",
            "arm": "asymmetric",
            "beats": "cross-entropy",
            "by": -0.005,
            "data": ["complete"],
        },
        {
            "says": "it has more mean average precision than focal loss with missing labels",
            "metric": "mean_average_precision",
            "arm": "asymmetric",
            "beats": "focal",
            "data": ["missing"],
        },
    ],
}

ROWS, COLUMNS, LABELS, POSITIVE, MISSING = 2000, 30, 40, 0.02, 0.1
LOSSES = {
    "cross-entropy": nn.BCEWithLogitsLoss(reduction="sum"),
    "focal": SigmoidFocalLoss(reduction="sum"),
    "asymmetric": AsymmetricLoss(),
}


def build(scale: str, seed: int) -> list[Trial]:
    """Three losses on every seed, with complete labels and with some missing."""
    return [
        trial
        for data in ("complete", "missing")
        for trial in trials(compare, list(LOSSES), scale, seed, data=data)
    ]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train with one loss, judge on rows whose labels are complete."""
    seed = trial.seed
    x, y, x_test, y_test = shared(("labels", seed), lambda: _labelled_rows(seed))
    if trial.data == "missing":
        kept = np.random.default_rng(derive(seed, "missing")).random(y.shape) >= MISSING
        y = y * torch.as_tensor(kept)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        model = MLP(COLUMNS, LABELS, hidden=(64,))
    batches = Batches((x, y), Shuffled(len(x), 128, seed=derive(seed, "batches")))
    adam = partial(torch.optim.Adam, lr=3e-3)
    trained(model, [Stage(Supervised(LOSSES[trial.arm]), batches, 30, adam)], seed)
    with torch.no_grad():
        scores = model(x_test).numpy()
    each = [average_precision(y_test[:, k].numpy().astype(int), scores[:, k]) for k in range(LABELS)]
    return {"mean_average_precision": float(np.nanmean(each))}


def _labelled_rows(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training and test rows; a label is true where its noisy projection is among the highest 2 %."""
    rng = np.random.default_rng(derive(seed, "rows"))
    x = rng.standard_normal((2 * ROWS, COLUMNS))
    w = rng.standard_normal((COLUMNS, LABELS)) / np.sqrt(COLUMNS)
    score = x @ w + 0.3 * rng.standard_normal((2 * ROWS, LABELS))
    y = score > np.quantile(score, 1 - POSITIVE, axis=0)
    rows, labels = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)
    return rows[:ROWS], labels[:ROWS], rows[ROWS:], labels[ROWS:]
