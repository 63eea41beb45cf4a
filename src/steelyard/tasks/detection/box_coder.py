"""Boxes as corrections of anchors, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.core import Floats, UsageError

__all__ = ["BoxCoder"]

MOST = float(np.log(1000 / 16))
"""A box grows by no more than this power of e: beyond it an untrained network would give infinite ones."""


@dataclass(frozen=True)
class BoxCoder:
    r"""Four numbers that turn an anchor into a box: what a detector regresses.

    When to use it: `encode` makes targets of foreground anchors, `decode` boxes of a network's output.

    :math:`w_x (x - x_a) / w_a`, :math:`w_y (y - y_a) / h_a`, :math:`w_w \log (w / w_a)`, :math:`w_h \log (h / h_a)`
    with centres x, y, widths w and heights h, :math:`_a` the anchor's.

    Attributes:
        weights: :math:`w_x, w_y, w_w, w_h`; 1 in one-stage detectors, 10, 10, 5, 5 in two-stage ones.

    Raises:
        UsageError: weights that are not four positive numbers.

    >>> anchor, box = np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 15, 20]])
    >>> BoxCoder().encode(box, anchor).round(4).tolist()  # half a width to the right, half a height down, twice as high
    [[0.5, 0.5, 0.0, 0.6931]]

    Source: Girshick, Donahue, Darrell, Malik (2014), Rich Feature Hierarchies for Accurate Object Detection and
    Semantic Segmentation.
    """

    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        """Check the weights."""
        if len(self.weights) != 4 or not all(weight > 0 for weight in self.weights):
            raise UsageError(f"weights are {self.weights}, expected four positive numbers")

    def encode(self, boxes: Floats, anchors: Floats) -> Floats:
        """Corrections (n, 4) that turn each anchor into its box; boxes must have an area."""
        (centre, size), (start, unit) = _parts(boxes), _parts(anchors)
        if not (size > 0).all():
            raise UsageError("a box has no width or no height; leave such boxes out")
        plain = np.concatenate([(centre - start) / unit, np.log(size / unit)], axis=1)
        return np.asarray(plain * np.asarray(self.weights))

    def decode(self, codes: Floats, anchors: Floats) -> Floats:
        """Boxes (n, 4) of corrections."""
        start, unit = _parts(anchors)
        plain = codes / np.asarray(self.weights)
        centre, size = start + plain[:, :2] * unit, np.exp(np.minimum(plain[:, 2:], MOST)) * unit
        return np.concatenate([centre - size / 2, centre + size / 2], axis=1)


def _parts(boxes: Floats) -> tuple[Floats, Floats]:
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]


CARD = {
    "lever": "detection",
    "name": "BoxCoder",
    "title": "Boxes coded as corrections of anchors",
    "seeds": ["059"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Girshick et al. (2014), Rich Feature Hierarchies",
}
