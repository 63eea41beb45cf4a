"""Focal loss: thousands of places an image to look at, nearly all of them easy background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from math import log
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from steelyard.bench import Shared, Trial
from steelyard.core import Floats, NotForMe, derive, require
from steelyard.data.sources.home import Folder
from steelyard.losses import LabelLoss, SigmoidFocalLoss
from steelyard.recipes.digits_long_tail import trained
from steelyard.tasks.detection import (
    BACKGROUND,
    IGNORED,
    AnchorGrid,
    BoxCoder,
    assign_anchors,
    box_average_precision,
    suppress,
)
from steelyard.train import Batches, Losses, Shuffled, Stage

PAPER = {
    "number": "059",
    "title": "Focal Loss for Dense Object Detection",
    "area": "longtail",
    "source": "Lin et al. (2017)",
    "notes": [
        "364 images of blood cells (BCCD) and a network of five convolutions stand for COCO and RetinaNet",
        "images of 192 by 144, 1,296 anchors of 12, 28 and 52 pixels; classes and boxes share all but the last layer",
        "average precision is that of boxes at an overlap of 0.5, the best 100 of a class and image after suppression",
        "396 steps of 8 images with AdamW; both losses are summed and divided by the number of foreground anchors",
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
WIDTH, HEIGHT, SIZES, SHARE, MOST = 192, 144, (12, 28, 52), 0.01, 100
CODER, ANCHORS = BoxCoder(), AnchorGrid(SIZES, stride=8).boxes(HEIGHT, WIDTH)
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
    """Images and what is in them.

    Attributes:
        images: (n, 3, height, width).
        wanted: the classes wanted of every anchor (n, A, K).
        codes: the boxes wanted of foreground anchors, as corrections (n, A, 4).
        counts: which anchors count (n, A).
        boxes: of every image and class, for judging.
        test: which images are for judging (n,).
    """

    images: Tensor
    wanted: Tensor
    codes: Tensor
    counts: Tensor
    boxes: list[list[Floats]]
    test: NDArray[np.bool_]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Train one arm; average precision of its boxes on test images, and what background costs before and after."""
    if trial.arm == "limits":
        return {"background_share_first": 0.9, "background_share_last": 0.5}
    scenes: Scenes = shared.everywhere(trial.data, lambda: _discs() if trial.data == "discs" else _cells())
    focal, biased = trial.arm.startswith("focal"), "prior bias" in trial.arm
    gamma, alpha = (2.0, 0.25) if focal else (0.0, None)
    loss = SigmoidFocalLoss(gamma=gamma, alpha=alpha, reduction="sum")
    model = _network(scenes.wanted.shape[2], SHARE if biased else 0.5, trial.seed)
    train = np.flatnonzero(~scenes.test)
    rows = tuple(part[train] for part in (scenes.images, scenes.wanted, scenes.codes, scenes.counts))
    batches = Batches(rows, Shuffled(len(train), 8, seed=derive(trial.seed, "batches"), drop_last=True))
    first = _background_share(model, loss, next(iter(batches(0))))
    adam = partial(torch.optim.AdamW, lr=1e-3)
    trained(model, [Stage(_Dense(loss), batches, trial.settings["epochs"], adam)], trial.seed)
    last = _background_share(model, loss, next(iter(batches(0))))
    each = _precision(model, scenes)
    return {
        "mean_average_precision": float(np.mean(each)),
        **{f"average_precision_{k}": value for k, value in enumerate(each)},
        "background_share_first": first,
        "background_share_last": last,
    }


class _Dense:
    """The loss of all anchors that count and of the boxes of foreground ones, divided by the number of those."""

    def __init__(self, loss: LabelLoss) -> None:
        self.loss = loss

    def step(self, model: nn.Module, batch: Any, epoch: int) -> Losses:  # noqa: ARG002 - as an objective is called
        images, wanted, codes, counts = batch
        scores, moved = model(images)
        found = wanted.sum(2) > 0
        number = found.sum().clamp(min=1)
        classes = self.loss(scores, wanted, weight=counts[..., None].expand_as(wanted).float()) / number
        boxes = smooth_l1_loss(moved[found], codes[found], beta=0.11, reduction="sum") / number
        return {"loss": classes + boxes, "classes": classes, "boxes": boxes}


def _background_share(model: nn.Module, loss: LabelLoss, batch: Any) -> float:
    images, wanted, _, counts = batch
    with torch.no_grad():
        costs = loss.values(model(images)[0], wanted).sum(2) * counts
    return float(costs[wanted.sum(2) == 0].sum() / costs.sum())


def _precision(model: nn.Module, scenes: Scenes) -> list[float]:
    """The average precision of each class on the test images."""
    test = np.flatnonzero(scenes.test)
    with torch.no_grad():
        scores, codes = (part.double().numpy() for part in model(scenes.images[test]))
    boxes = [CODER.decode(one, ANCHORS) for one in codes]
    return [
        box_average_precision(
            [_best(box, score[:, k]) for box, score in zip(boxes, scores, strict=True)],
            [scenes.boxes[image][k] for image in test],
        )
        for k in range(scores.shape[2])
    ]


def _best(boxes: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """The best boxes of one class and image that do not lie upon one another."""
    place = np.argsort(-scores, kind="stable")[: 4 * MOST]
    kept = place[suppress(boxes[place], scores[place])][:MOST]
    return boxes[kept], scores[kept]


class _Grid(nn.Module):
    """Five convolutions down to cells of 8 by 8 pixels; scores and box corrections of every anchor of every cell."""

    def __init__(self, n_classes: int, share: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width, stride in ((24, 2), (48, 2), (64, 2), (64, 1), (64, 1)):
            layers += [nn.Conv2d(before, width, 3, stride, 1), nn.GroupNorm(8, width), nn.ReLU()]
            before = width
        self.body = nn.Sequential(*layers)
        self.classes, self.boxes = (nn.Conv2d(before, len(SIZES) * n, 1) for n in (n_classes, 4))
        for head in (self.classes, self.boxes):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(_bias(head))
        nn.init.constant_(_bias(self.classes), -log((1 - share) / share))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (n, A, K) and corrections (n, A, 4), anchors ordered by row, column and size."""
        seen = self.body(images.float() / 255 - 0.5)
        n, anchors = len(images), len(ANCHORS)
        scores, codes = (
            head(seen).permute(0, 2, 3, 1).reshape(n, anchors, -1) for head in (self.classes, self.boxes)
        )
        return scores, codes


def _bias(layer: nn.Conv2d) -> Tensor:
    return cast(Tensor, layer.bias)


def _network(n_classes: int, share: float, seed: int) -> _Grid:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "network"))
        return _Grid(n_classes, share)


def _scenes(
    images: NDArray[np.uint8], boxes: list[Floats], labels: list[NDArray[Any]], test: NDArray[np.bool_]
) -> Scenes:
    """Targets of every anchor; boxes without area are left out."""
    n_classes = int(max(found.max() for found in labels if len(found))) + 1
    sound = [(found[:, 2:] > found[:, :2]).all(1) for found in boxes]
    boxes, labels = (
        [part[keep] for part, keep in zip(parts, sound, strict=True)] for parts in (boxes, labels)
    )
    wanted = np.zeros((len(images), len(ANCHORS), n_classes), dtype=np.float32)
    codes = np.zeros((len(images), len(ANCHORS), 4), dtype=np.float32)
    counts = np.zeros((len(images), len(ANCHORS)), dtype=np.bool_)
    for i, (box, label) in enumerate(zip(boxes, labels, strict=True)):
        given = assign_anchors(ANCHORS, box)
        counts[i] = given != IGNORED
        at = np.flatnonzero(given > BACKGROUND)
        wanted[i, at, label[given[at]]] = 1
        codes[i, at] = CODER.encode(box[given[at]], ANCHORS[at])
    each = [[box[label == k] for k in range(n_classes)] for box, label in zip(boxes, labels, strict=True)]
    targets = [torch.as_tensor(part) for part in (wanted, codes, counts)]
    return Scenes(torch.as_tensor(images), targets[0], targets[1], targets[2], each, test)


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
