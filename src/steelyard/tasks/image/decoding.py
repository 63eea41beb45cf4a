"""Picture files become pixels of one size."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Listener, Meter, require

__all__ = ["Decoded", "Look", "decode", "fit_picture", "look_at", "read_picture"]

GREY = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L"})
IN_MEMORY = 1 << 30
"""Bytes of pixels that are kept in memory; more lie in a file."""


@dataclass(frozen=True, eq=False)
class Look:
    """What the headers of picture files say.

    Attributes:
        sizes: (width, height) -> how many.
        grey: whether all are grey.
        broken: position -> why the file cannot be read.
    """

    sizes: Counter[tuple[int, int]]
    grey: bool
    broken: dict[int, str]


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pixels (n, size, size, channels) of those that could be read, and the positions of those; why not the others."""

    pixels: NDArray[np.uint8]
    kept: NDArray[np.int64]
    broken: dict[int, str]


def look_at(paths: Sequence[Path], *, listener: Listener | None = None) -> Look:
    """Open the files without decoding them."""
    require("PIL.Image", extra="vision")
    tell = Meter(listener, "Looking at the pictures", len(paths))
    sizes: Counter[tuple[int, int]] = Counter()
    modes: set[str] = set()
    broken: dict[int, str] = {}
    for i, path in enumerate(paths):
        try:
            with _opened(path) as picture:
                sizes[picture.size] += 1
                modes.add(picture.mode)
        except Exception as error:  # noqa: BLE001 - decoders raise whatever a damaged file makes of them
            broken[i] = _why(error)
        tell(i + 1)
    return Look(sizes, modes <= GREY, broken)


def decode(
    paths: Sequence[Path],
    *,
    size: int,
    channels: int,
    cache: Path | None = None,
    listener: Listener | None = None,
) -> Decoded:
    """Decode files: turned upright, scaled until the longer side is `size`, the rest filled with the edge's colour.

    Args:
        paths: the files; those that cannot be read are left out and reported.
        size: pixels of both sides.
        channels: 1 for grey, 3 for colour.
        cache: a folder for pixels that would fill too much memory; None keeps all in memory.
        listener: hears about progress.
    """
    require("PIL.Image", extra="vision")
    tell = Meter(listener, "Reading the pictures", len(paths))
    shape = (len(paths), size, size, channels)
    pixels: NDArray[np.uint8]
    if cache is not None and np.prod(shape, dtype=np.int64) > IN_MEMORY:
        pixels = np.lib.format.open_memmap(cache / "pixels.npy", mode="w+", dtype=np.uint8, shape=shape)
    else:
        pixels = np.empty(shape, dtype=np.uint8)
    kept: list[int] = []
    broken: dict[int, str] = {}
    for i, path in enumerate(paths):
        try:
            pixels[len(kept)] = read_picture(path, size=size, channels=channels)
            kept.append(i)
        except Exception as error:  # noqa: BLE001 - decoders raise whatever a damaged file makes of them
            broken[i] = _why(error)
        tell(i + 1)
    return Decoded(pixels[: len(kept)], np.asarray(kept, dtype=np.int64), broken)


def read_picture(path: Path, *, size: int, channels: int) -> NDArray[np.uint8]:
    """One picture as uint8 (size, size, channels); only the first frame of moving ones."""
    image, ops = require("PIL.Image", extra="vision"), require("PIL.ImageOps", extra="vision")
    with _opened(path) as picture:
        upright = ops.exif_transpose(picture)
        plain = _flattened(upright, image).convert("L" if channels == 1 else "RGB")
    return _fit(plain, size, channels)


def fit_picture(pixels: NDArray[np.uint8], *, size: int, channels: int) -> NDArray[np.uint8]:
    """Pixels (height, width, 1 or 3) brought to another size and number of channels."""
    image = require("PIL.Image", extra="vision")
    grey = pixels.shape[2] == 1
    picture = image.fromarray(pixels[..., 0] if grey else pixels)
    return _fit(picture.convert("L" if channels == 1 else "RGB"), size, channels)


def _fit(picture: Any, size: int, channels: int) -> NDArray[np.uint8]:
    image, ops = require("PIL.Image", extra="vision"), require("PIL.ImageOps", extra="vision")
    if picture.size != (size, size):
        picture = ops.pad(picture, (size, size), method=image.Resampling.BILINEAR, color=_edge(picture))
    return np.asarray(picture, dtype=np.uint8).reshape(size, size, channels)


def _opened(path: Path) -> Any:
    """The file; too many pixels are an error instead of a warning."""
    image = require("PIL.Image", extra="vision")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return image.open(path)


def _flattened(picture: Any, image: Any) -> Any:
    """Sixteen bits become eight, transparent pixels white."""
    if picture.mode.startswith("I"):
        deep = np.asarray(picture).astype(np.int64)
        return image.fromarray(np.clip(deep >> 8, 0, 255).astype(np.uint8))
    if picture.mode == "F":
        raise ValueError("its pixels are fractions")
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = image.new("RGBA", clear.size, (255, 255, 255, 255))
        return image.alpha_composite(white, clear)
    return picture


def _edge(picture: Any) -> Any:
    """The median colour of the border."""
    cells = np.asarray(picture)
    border = np.concatenate([cells[0], cells[-1], cells[:, 0], cells[:, -1]])
    median = np.median(border, axis=0).astype(int)
    return int(median) if median.ndim == 0 else tuple(median.tolist())


def _why(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, MemoryError | OverflowError):
        return "it is too large"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    said = str(error)
    if "identify" in said:
        return "it is no picture"
    return said.splitlines()[0][:120] if said else type(error).__name__
