"""Sets of pictures in scikit-learn, and in folders of data as numpy archives."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from steelyard.core import DataError, require
from steelyard.data.images import ImageSet
from steelyard.data.sources.home import Bundled, Folder, Home

__all__ = ["SETS", "ImageEntry"]

DIGITS = Bundled("BSD-3-Clause (scikit-learn); UCI CC BY 4.0", "https://scikit-learn.org/stable/datasets")
CIFAR = Folder("cifar10_jpeg", "none stated (Krizhevsky 2009)", "https://www.cs.toronto.edu/~kriz/cifar.html")
FASHION = Folder("fashion_mnist", "MIT", "https://github.com/zalandoresearch/fashion-mnist")
LUNGS = Folder("pneumoniamnist", "CC BY 4.0 (MedMNIST v2)", "https://medmnist.com")
PLANKTON = Folder("plankton", "public (NOAA NCEI 0127422)", "https://www.ncei.noaa.gov")


@dataclass(frozen=True)
class ImageEntry:
    """One set of pictures: what is known of it without opening it, and how to read it."""

    name: str
    title: str
    files: tuple[str, ...]
    home: Home
    pictures: int
    size: tuple[int, int, int]
    classes: int
    most: int
    fewest: int
    read: Callable[[ImageEntry, list[Path]], ImageSet]
    note: str = ""

    @property
    def available(self) -> bool:
        """Whether it can be loaded here and now."""
        return all(self.home.find(file) is not None for file in self.files)

    def load(self) -> ImageSet:
        """The pictures; DataError says what to get."""
        paths = [path for file in self.files if (path := self.home.find(file)) is not None]
        if len(paths) < len(self.files):
            raise DataError(f"the pictures {self.name!r} are not here; they need {self.home.needs}")
        return self.read(self, paths)


def _digits(entry: ImageEntry, _paths: list[Path]) -> ImageSet:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = np.round(bunch.images * (255 / 16)).astype(np.uint8)
    return ImageSet.of(pixels, bunch.target, labels=[str(k) for k in range(10)], name=entry.name)


def _arrays(entry: ImageEntry, paths: list[Path]) -> ImageSet:
    """`images`, `labels` and `classes` in one archive."""
    with np.load(paths[0], allow_pickle=False) as stored:
        labels = [str(name) for name in stored["classes"]]
        return ImageSet.of(stored["images"], stored["labels"], labels=labels, name=entry.name)


def _lungs(entry: ImageEntry, paths: list[Path]) -> ImageSet:
    return read_medmnist(paths[0], labels=["normal", "pneumonia"], name=entry.name)


def read_medmnist(path: Path, *, labels: list[str] | None = None, name: str = "pictures") -> ImageSet:
    """An archive with `train_images`, `train_labels`, and the same for `val` and `test` where it has them."""
    with np.load(path, allow_pickle=False) as stored:
        kept = {word: part for word, part in MEDMNIST.items() if f"{word}_images" in stored}
        if not kept or any(f"{word}_labels" not in stored for word in kept):
            raise DataError(
                f"{path.name!r} holds {', '.join(list(stored)[:8])}; expected train_images and train_labels (and the "
                "same with val and test), or images and labels"
            )
        pixels = [stored[f"{word}_images"] for word in kept]
        target = [stored[f"{word}_labels"].reshape(len(p), -1) for word, p in zip(kept, pixels, strict=True)]
    if any(one.shape[1] != 1 for one in target):
        raise DataError(f"{path.name!r} has several labels a picture; training takes one class a picture")
    part = np.repeat([*kept.values()], [len(one) for one in pixels])
    return ImageSet.of(np.concatenate(pixels), np.concatenate(target), labels=labels, name=name, part=part)


MEDMNIST = {"train": "train", "val": "validation", "test": "test"}


def _jpegs(entry: ImageEntry, paths: list[Path]) -> ImageSet:
    """JPEG files joined into one array of bytes, an archive a part."""
    opened = require("PIL.Image", extra="vision")
    pixels, target, part = [], [], []
    labels: list[str] = []
    for path in paths:
        with np.load(path, allow_pickle=False) as stored:
            raw, offsets = stored["jpeg"].tobytes(), stored["offsets"]
            labels = [str(name) for name in stored["classes"]]
            target.append(stored["labels"])
        for start, end in pairwise(offsets):
            pixels.append(np.asarray(opened.open(io.BytesIO(raw[start:end])).convert("RGB")))
        part += [path.stem] * (len(offsets) - 1)
    return ImageSet.of(np.stack(pixels), np.concatenate(target), labels=labels, name=entry.name, part=part)


SETS = (
    ImageEntry(
        "digits",
        "Handwritten digits of scikit-learn",
        ("digits",),
        DIGITS,
        pictures=1797,
        size=(8, 8, 1),
        classes=10,
        most=183,
        fewest=174,
        read=_digits,
        note="nearly balanced: cut it to a long tail",
    ),
    ImageEntry(
        "cifar10-jpeg",
        "CIFAR-10 as JPEG files",
        ("train.npz", "test.npz"),
        CIFAR,
        pictures=60_000,
        size=(32, 32, 3),
        classes=10,
        most=6000,
        fewest=6000,
        read=_jpegs,
        note="lossy, so accuracies are not those of the literature; balanced: cut it to a long tail",
    ),
    ImageEntry(
        "fashion-mnist-test",
        "Articles of clothing: the test part of Fashion-MNIST",
        ("t10k.npz",),
        FASHION,
        pictures=10_000,
        size=(28, 28, 1),
        classes=10,
        most=1000,
        fewest=1000,
        read=_arrays,
        note="balanced: cut it to a long tail",
    ),
    ImageEntry(
        "pneumonia-mnist-cut",
        "Chest X-rays of children, normal or pneumonia, with fewer normal ones to learn from",
        ("pneumoniamnist.npz",),
        LUNGS,
        pictures=5030,
        size=(28, 28, 1),
        classes=2,
        most=4273,
        fewest=757,
        read=_lungs,
        note="not the official training part, which has 1,214 normal pictures in place of 388",
    ),
    ImageEntry(
        "plankton-32",
        "Plankton under water (PlanktonSet 1.0), at most 32 pixels wide",
        ("plankton32.npz",),
        PLANKTON,
        pictures=30_336,
        size=(32, 32, 1),
        classes=121,
        most=1979,
        fewest=9,
        read=_arrays,
        note="naturally long-tailed",
    ),
)
