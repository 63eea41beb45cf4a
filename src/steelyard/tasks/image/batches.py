"""Batches of pictures: scaled, and shifted or mirrored anew in every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from steelyard.core import UsageError, derive
from steelyard.data import ImageSet

__all__ = ["AUGMENTATIONS", "PictureBatches", "Scaling"]

Ints = NDArray[np.int64]

AUGMENTATIONS = ("none", "crop", "flip")
"""Nothing; shifts by up to an eighth of the side; shifts and mirror images."""
PIECE = 1024


@dataclass(frozen=True)
class Scaling:
    """Bytes become numbers of mean 0 and spread 1 over the training pictures.

    Attributes:
        mean, spread: of each channel, in bytes.
        repeat: channels a network wants that grey pictures lack.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    repeat: int = 1

    @classmethod
    def of(cls, images: ImageSet, rows: Ints | None = None, *, repeat: int = 1) -> Scaling:
        """Learn from training pictures, by default all."""
        rows = np.arange(len(images)) if rows is None else rows
        channels = images.pixels.shape[3]
        sums, squares, n = np.zeros(channels), np.zeros(channels), 0
        for start in range(0, len(rows), PIECE):
            piece = images.pixels[rows[start : start + PIECE]].reshape(-1, channels).astype(np.float64)
            sums, squares, n = sums + piece.sum(0), squares + (piece**2).sum(0), n + len(piece)
        mean = sums / n
        spread = np.sqrt(np.maximum(squares / n - mean**2, 1.0))
        return cls(tuple(mean.tolist()), tuple(spread.tolist()), repeat)

    def __call__(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Pixels (n, h, w, c) as float32 (n, c, h, w)."""
        found = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).to(torch.float32)
        mean, spread = (torch.tensor(one).reshape(1, -1, 1, 1) for one in (self.mean, self.spread))
        scaled = (found - mean) / spread
        return scaled.expand(-1, self.repeat, -1, -1) if self.repeat > 1 else scaled

    def to_json(self) -> dict[str, Any]:
        """JSON-safe."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Scaling:
        """What `to_json` wrote."""
        return cls(tuple(stored["mean"]), tuple(stored["spread"]), int(stored["repeat"]))


class PictureBatches:
    """The batches of an epoch, `batches(epoch)`, for a `train.Stage`.

    What happens to a picture depends on the seed, the epoch and the batch only, so that a training that was
    interrupted goes on with the same pictures.

    Args:
        images: all pictures.
        rows: positions of those to learn from.
        stream: yields lists of positions into `rows`.
        scaling: from bytes to numbers.
        augment: one of `AUGMENTATIONS`.
        seed: of the augmentation.

    Raises:
        UsageError: an unknown augmentation.
    """

    def __init__(
        self,
        images: ImageSet,
        rows: Ints,
        stream: Any,
        scaling: Scaling,
        *,
        augment: str = "crop",
        seed: int = 0,
    ) -> None:
        if augment not in AUGMENTATIONS:
            raise UsageError(f"augment is {augment!r}, expected one of {', '.join(AUGMENTATIONS)}")
        self.images, self.rows, self.stream, self.scaling = images, rows, stream, scaling
        self.augment, self.seed = augment, seed

    def __len__(self) -> int:
        """Batches of an epoch."""
        return len(self.stream)

    def __call__(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Pictures (b, c, h, w) and class positions (b,)."""
        for stream in (self.stream, getattr(self.stream, "sampler", None)):
            if stream is not None and hasattr(stream, "set_epoch"):
                stream.set_epoch(epoch)
        for number, some in enumerate(self.stream):
            at = self.rows[np.asarray(some)]
            x = self.scaling(self.images.pixels[at])
            rng = torch.Generator().manual_seed(derive(self.seed, "augment", epoch, number))
            yield augmented(x, self.augment, rng), torch.from_numpy(self.images.y[at])


def augmented(x: Tensor, kind: str, rng: torch.Generator) -> Tensor:
    """Shift each picture by up to an eighth of its side, filling with the mean; mirror half of them for "flip"."""
    if kind == "none":
        return x
    n, _, height, width = x.shape
    most = max(1, height // 8)
    room = pad(x, (most, most, most, most))
    down, right = torch.randint(0, 2 * most + 1, (2, n, 1), generator=rng)
    across = torch.arange(width).expand(n, -1)
    if kind == "flip":
        turned = torch.rand(n, 1, generator=rng) < 0.5
        across = torch.where(turned, width - 1 - across, across)
    i, j = torch.arange(height) + down, across + right
    picture = torch.arange(n)[:, None, None]
    return room.permute(0, 2, 3, 1)[picture, i[:, :, None], j[:, None, :]].permute(0, 3, 1, 2)
