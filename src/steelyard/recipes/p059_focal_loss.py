"""Focal loss: thousands of places an image to look at, nearly all of them easy background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from steelyard.bench import Shared, Trial
from steelyard.core import Floats, NotForMe, derive, require
from steelyard.data.sources.home import Folder
from steelyard.losses import LabelLoss, SigmoidFocalLoss
from steelyard.metrics import average_precision
from steelyard.recipes.digits_long_tail import trained
from steelyard.train import Batches, Losses, Shuffled, Stage

PAPER = {
    "number": "059",
    "title": "Focal Loss for Dense Object Detection",
    "area": "longtail",
    "source": "Lin et al. (2017)",
    "notes": [
        "364 images of blood cells (BCCD) and a network of five convolutions stand for COCO and RetinaNet",
        "images of 192 by 144 with 1,296 anchors of 12, 28 and 52 pixels; boxes are not refined",
        "average precision is over anchors of the test images, not over boxes after suppression",
        "396 steps of 8 images with AdamW; every loss is summed and divided by the number of foreground anchors",
        "the arm limits holds the bounds of the two claims on the share of the loss that background has",
    ],
    "claims": [
        {
            "says": "starting at a probability of 0.01 lifts cross-entropy by more than 0.05",
            "metric": "mean_average_precision",
            "arm": "cross-entropy, prior bias",
            "beats": "cross-entropy",
            "by": 0.05,
        },
        {
            "says": "focal loss with it lifts plain cross-entropy by more than 0.05",
            "metric": "mean_average_precision",
            "arm": "focal, prior bias",
            "beats": "cross-entropy",
            "by": 0.05,
        },
        {
            "says": "at this imbalance focal loss is not worse than cross-entropy with prior bias by more than 0.02",
            "metric": "mean_average_precision",
            "arm": "focal, prior bias",
            "beats": "cross-entropy, prior bias",
            "by": -0.02,
        },
        {
            "says": "without prior bias more than 0.9 of the first loss comes from background",
            "metric": "background_share_first",
            "arm": "cross-entropy",
            "beats": "limits",
        },
        {
            "says": "with focal loss less than half of the last loss does",
            "metric": "background_share_last",
            "arm": "focal, prior bias",
            "beats": "limits",
            "lower": True,
        },
    ],
}

BCCD = Folder("bccd", "MIT", "https://github.com/Shenggan/BCCD_Dataset")
WIDTH, HEIGHT, STRIDE, ANCHORS, SHARE = 192, 144, 8, (12, 28, 52), 0.01
ARMS = ("cross-entropy", "cross-entropy, prior bias", "focal, prior bias", "limits")


def build(scale: str, seed: int) -> list[Trial]:
    """Three arms on three seeds (ten at `full`); discs instead of cells, and four epochs, at `smoke`."""
    data, seeds, epochs = ("discs", 1, 2) if scale == "smoke" else ("bccd", 3 if scale == "small" else 10, 11)
    return [
        Trial(
            compare, data, arm, "five convolutions", seed + 100 + s, settings={"epochs": epochs}, shares=data
        )
        for s in range(seeds)
        for arm in ARMS
    ]


@dataclass(frozen=True, eq=False)
class Scenes:
    """Images (n, 3, height, width), the classes wanted of every anchor (n, A, K), and which anchors count (n, A)."""

    images: Tensor
    wanted: Tensor
    counts: Tensor
    test: NDArray[np.bool_]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train one arm; average precision over test anchors, and what background costs before and after."""
    if trial.arm == "limits":
        return {"background_share_first": 0.9, "background_share_last": 0.5}
    scenes: Scenes = shared.everywhere(trial.data, lambda: _discs() if trial.data == "discs" else _cells())
    focal, biased = trial.arm.startswith("focal"), "prior bias" in trial.arm
    gamma, alpha = (2.0, 0.25) if focal else (0.0, None)
    loss = SigmoidFocalLoss(gamma=gamma, alpha=alpha, reduction="sum")
    model = _network(scenes.wanted.shape[2], SHARE if biased else 0.5, trial.seed)
    train, test = (np.flatnonzero(scenes.test == held) for held in (False, True))
    rows = (scenes.images[train], scenes.wanted[train], scenes.counts[train])
    batches = Batches(rows, Shuffled(len(train), 8, seed=derive(trial.seed, "batches"), drop_last=True))
    first = _background_share(model, loss, next(iter(batches(0))))
    adam = partial(torch.optim.AdamW, lr=1e-3)
    trained(model, [Stage(_Dense(loss), batches, trial.settings["epochs"], adam)], trial.seed)
    last = _background_share(model, loss, next(iter(batches(0))))
    with torch.no_grad():
        scores = model(scenes.images[test])[scenes.counts[test]].numpy()
    wanted = scenes.wanted[test][scenes.counts[test]].numpy().astype(int)
    each = [average_precision(wanted[:, k], scores[:, k]) for k in range(wanted.shape[1])]
    return {
        "mean_average_precision": float(np.mean(each)),
        **{f"average_precision_{k}": value for k, value in enumerate(each)},
        "background_share_first": first,
        "background_share_last": last,
    }


class _Dense:
    """The loss of all anchors that count, divided by the number of foreground anchors."""

    def __init__(self, loss: LabelLoss) -> None:
        self.loss = loss

    def step(self, model: nn.Module, batch: Any, epoch: int) -> Losses:  # noqa: ARG002 - as an objective is called
        images, wanted, counts = batch
        total = self.loss(model(images), wanted, weight=counts[..., None].expand_as(wanted).float())
        return {"loss": total / wanted.sum().clamp(min=1)}


def _background_share(model: nn.Module, loss: LabelLoss, batch: Any) -> float:
    images, wanted, counts = batch
    with torch.no_grad():
        costs = loss.values(model(images), wanted).sum(2) * counts
    return float(costs[wanted.sum(2) == 0].sum() / costs.sum())


class _Grid(nn.Module):
    """Five convolutions down to cells of 8 by 8 pixels, and scores of every anchor of every cell."""

    def __init__(self, n_classes: int, share: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width, stride in ((24, 2), (48, 2), (64, 2), (64, 1), (64, 1)):
            layers += [nn.Conv2d(before, width, 3, stride, 1), nn.GroupNorm(8, width), nn.ReLU()]
            before = width
        self.body, self.head = nn.Sequential(*layers), nn.Conv2d(before, len(ANCHORS) * n_classes, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        bias: Any = self.head.bias
        nn.init.constant_(bias, -log((1 - share) / share))
        self.n_classes = n_classes

    def forward(self, images: Tensor) -> Tensor:
        """Scores (n, A, K), anchors ordered by row, column and size."""
        scores: Tensor = self.head(self.body(images.float() / 255 - 0.5))
        return scores.permute(0, 2, 3, 1).reshape(len(images), -1, self.n_classes)


def _network(n_classes: int, share: float, seed: int) -> _Grid:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        return _Grid(n_classes, share)


def _anchors() -> Floats:
    """Squares (A, 4) as left, top, right, bottom."""
    y, x, size = np.meshgrid(
        np.arange(STRIDE / 2, HEIGHT, STRIDE), np.arange(STRIDE / 2, WIDTH, STRIDE), ANCHORS, indexing="ij"
    )
    return np.stack([x - size / 2, y - size / 2, x + size / 2, y + size / 2], axis=-1).reshape(-1, 4)


def _overlaps(a: Floats, b: Floats) -> Floats:
    """Intersection over union (n, m)."""
    corner = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(corner[1] - corner[0], 0, None).prod(2)
    area = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (a, b)]
    return np.asarray(both / (area[0][:, None] + area[1] - both))


def _assigned(
    boxes: Floats, labels: NDArray[Any], n_classes: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Foreground from half overlap on, and each box's best anchor; between 0.4 and 0.5 nothing counts."""
    anchors = _anchors()
    wanted = np.zeros((len(anchors), n_classes), dtype=np.float32)
    if not len(boxes):
        return wanted, np.ones(len(anchors), dtype=np.bool_)
    overlap = _overlaps(anchors, boxes)
    best, most = overlap.argmax(1), overlap.max(1)
    best[overlap.argmax(0)] = np.arange(len(boxes))
    most[overlap.argmax(0)] = 1.0
    wanted[most >= 0.5, labels[best[most >= 0.5]]] = 1.0
    return wanted, (most < 0.4) | (most >= 0.5)


def _scenes(
    images: NDArray[np.uint8], boxes: list[Floats], labels: list[NDArray[Any]], test: NDArray[np.bool_]
) -> Scenes:
    n_classes = int(max(found.max() for found in labels if len(found))) + 1
    found = [_assigned(b, k, n_classes) for b, k in zip(boxes, labels, strict=True)]
    wanted, counts = (torch.as_tensor(np.stack(part)) for part in zip(*found, strict=True))
    return Scenes(torch.as_tensor(images), wanted, counts, test)


def _cells() -> Scenes:
    """The images of blood cells; the official test split is the test."""
    path = BCCD.find("bccd.npz")
    if path is None:
        raise NotForMe(f"the images of blood cells are not here; this needs {BCCD.needs}")
    pictures = require("PIL.Image", extra="vision")
    with np.load(path, allow_pickle=False) as stored:
        raw, at = stored["jpeg"].tobytes(), stored["offsets"].tolist()
        images = [
            np.asarray(pictures.open(BytesIO(raw[a:b])).convert("RGB").resize((WIDTH, HEIGHT)))
            for a, b in pairwise(at)
        ]
        of, label = stored["image_index"], stored["label"].astype(int)
        boxes, test = stored["boxes_xyxy"] * (WIDTH / 320), stored["split"] == "test"
    n = len(images)
    by_image = [[part[of == i] for i in range(n)] for part in (boxes, label)]
    return _scenes(np.stack(images).transpose(0, 3, 1, 2).copy(), by_image[0], by_image[1], test)


def _discs() -> Scenes:
    """Sixteen images with small and large discs on noise, for runs without data."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    images, boxes, labels = rng.integers(100, 156, (16, 3, HEIGHT, WIDTH)).astype(np.uint8), [], []
    for image in images:
        kinds = rng.integers(2, size=5)
        radius = np.where(kinds == 1, 7, 15)
        centre = rng.uniform(30, [WIDTH - 30, HEIGHT - 30], (5, 2))
        for (a, b), r in zip(centre, radius, strict=True):
            image[:, (x - a) ** 2 + (y - b) ** 2 < r**2] = 230
        boxes.append(np.concatenate([centre - radius[:, None], centre + radius[:, None]], axis=1))
        labels.append(kinds)
    return _scenes(images, boxes, labels, np.arange(16) >= 8)
