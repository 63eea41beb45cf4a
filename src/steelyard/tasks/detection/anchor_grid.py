"""Boxes of a few shapes on every cell of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.core import Floats, UsageError

__all__ = ["AnchorGrid"]


@dataclass(frozen=True)
class AnchorGrid:
    r"""The boxes a dense detector scores: every size in every ratio, on every cell of a feature map.

    When to use it: to make the targets of a one-stage detector, and to turn its output into boxes. Several levels of a
    pyramid are several grids.

    A box of size s and ratio r (height to width) is :math:`s / \sqrt r` wide and :math:`s \sqrt r` high.

    Attributes:
        sizes: roots of the boxes' areas, in pixels.
        ratios: height to width.
        stride: pixels from cell to cell.
        offset: where a cell's boxes have their centre, in strides: 0.5 is its middle, 0 its corner.

    Raises:
        UsageError: sizes, ratios or a stride that are not positive.

    >>> AnchorGrid(sizes=(8,), stride=16).boxes(16, 32).tolist()
    [[4.0, 4.0, 12.0, 12.0], [20.0, 4.0, 28.0, 12.0]]

    Source: Lin, Goyal, Girshick, He, Dollár (2017), Focal Loss for Dense Object Detection.
    """

    sizes: Sequence[float]
    ratios: Sequence[float] = (1.0,)
    stride: float = 8
    offset: float = 0.5

    def __post_init__(self) -> None:
        """Check the numbers."""
        numbers = [*self.sizes, *self.ratios, self.stride]
        if not self.sizes or not self.ratios or not all(number > 0 for number in numbers):
            raise UsageError(
                f"sizes={self.sizes}, ratios={self.ratios}, stride={self.stride} came; give positive numbers"
            )

    def boxes(self, height: int, width: int) -> Floats:
        """Boxes (A, 4) as left, top, right, bottom of an image; rows, then columns, then ratios, then sizes."""
        root, size = np.sqrt(np.asarray(self.ratios, dtype=np.float64))[:, None], np.asarray(self.sizes)[None]
        half = np.stack([size / root, size * root], axis=-1).reshape(-1, 2) / 2
        cells = [np.arange(-(-length // self.stride)) for length in (height, width)]
        y, x = np.meshgrid(*((cell + self.offset) * self.stride for cell in cells), indexing="ij")
        centre = np.stack([x, y], axis=-1)[:, :, None]
        return np.concatenate([centre - half, centre + half], axis=-1).reshape(-1, 4)


CARD = {
    "lever": "detection",
    "name": "AnchorGrid",
    "title": "Anchors on a grid",
    "seeds": ["059"],
    "needs": [],
    "example": {"sizes": [32], "ratios": [0.5, 1, 2]},
    "since": "0.1",
    "status": "claimed",
    "source": "Lin et al. (2017), Focal Loss for Dense Object Detection",
}
