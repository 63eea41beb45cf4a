"""Sets of pictures that torchvision or Hugging Face's datasets bring over the network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import DataError, UsageError, require
from steelyard.data.images import ImageSet

__all__ = ["HUBS"]

WORDS = {
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
}


def _torchvision(name: str, folder: Path) -> ImageSet:
    """All parts of a classification set of torchvision, such as CIFAR100."""
    library = require("torchvision.datasets", extra="vision")
    kind: Any = getattr(library, name, None)
    options = inspect.signature(kind).parameters if inspect.isclass(kind) else {}
    if "train" in options and "split" not in options:
        made = {part: kind(str(folder), train=part == "train", download=True) for part in ("train", "test")}
    elif "split" in options and "train" not in options and "download" in options:
        made = {part: kind(str(folder), split=part, download=True) for part in ("train", "test")}
    else:
        raise UsageError(
            f"{name!r} is no set of torchvision with a training and a test part, such as CIFAR10, CIFAR100, "
            "FashionMNIST or SVHN"
        )
    first = next(iter(made.values()))
    return _joined(
        {part: ((picture, label) for picture, label in one) for part, one in made.items()},
        labels=getattr(first, "classes", None),
        name=name,
    )


def _hugging_face(name: str, folder: Path) -> ImageSet:
    """All parts of a set of Hugging Face, as `owner/name`, or `owner/name:column` where it has several labels."""
    repository, _, column = name.partition(":")
    library = require("datasets", extra="hub")
    found = library.load_dataset(repository, cache_dir=str(folder))
    kinds = dict(next(iter(found.values())).features)
    pictures = [key for key, kind in kinds.items() if type(kind).__name__ == "Image"]
    labels = [key for key, kind in kinds.items() if type(kind).__name__ == "ClassLabel"]
    if len(pictures) != 1 or (column or (labels[0] if len(labels) == 1 else "")) not in labels:
        raise UsageError(
            f"{repository!r} has the columns {', '.join(kinds)}; expected one of pictures and one of class labels, "
            f"named as in 'hf:{repository}:{labels[-1] if labels else 'label'}'"
        )
    label = column or labels[0]
    return _joined(
        {
            WORDS[part]: ((row[pictures[0]], row[label]) for row in rows)
            for part, rows in found.items()
            if part in WORDS
        },
        labels=kinds[label].names,
        name=repository,
    )


def _joined(parts: dict[str, Iterable[tuple[Any, Any]]], *, labels: list[str] | None, name: str) -> ImageSet:
    pixels: list[NDArray[np.uint8]] = []
    target: list[int] = []
    part: list[str] = []
    for word, rows in parts.items():
        for picture, label in rows:
            pixels.append(np.asarray(picture, dtype=np.uint8))
            target.append(int(label))
            part.append(word)
    if len({one.shape for one in pixels}) != 1:
        raise DataError(
            f"the pictures of {name!r} come in {len({one.shape for one in pixels})} sizes; write them to class folders "
            "and pass the folder, which brings all to one size"
        )
    names = labels if labels is not None else [str(k) for k in range(max(target) + 1)]
    return ImageSet.of(np.stack(pixels), target, labels=[str(one) for one in names], name=name, part=part)


HUBS: dict[str, Callable[[str, Path], ImageSet]] = {"torchvision": _torchvision, "hf": _hugging_face}
