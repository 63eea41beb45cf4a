"""Small pictures that a small network learns in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from steelyard.data import ImageSet

KINDS = ("rows", "columns", "plain")


def stripes(counts: tuple[int, ...] = (60, 40, 15), *, seed: int = 0, noise: int = 90, **named) -> ImageSet:
    """Rows, columns, and a rare plain kind, under noise that hides some of them."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    pixels = rng.integers(0, noise, (len(y), 8, 8)).astype(np.uint8)
    pixels[y == 0, ::2] += 60
    pixels[y == 1, :, ::2] += 60
    return ImageSet.of(pixels, y, labels=KINDS[: len(counts)], **named)


def write(images: ImageSet, folder: Path) -> Path:
    """Class folders of PNG files."""
    from PIL import Image

    for i, (pixels, k) in enumerate(zip(images.pixels, images.y, strict=True)):
        home = folder / images.labels[k]
        home.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[..., 0]).save(home / f"{i:03}.png")
    return folder
