"""How much boxes overlap, and which of many overlapping ones to keep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

__all__ = ["box_overlaps", "suppress"]


def box_overlaps(a: Floats, b: Floats) -> Floats:
    """Intersection over union (n, m) of boxes (n, 4) and (m, 4) given as left, top, right, bottom.

    When to use it: to assign anchors, and to match what was found to what is there.

    >>> box_overlaps(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2], [5, 5, 6, 6]])).round(4).tolist()
    [[0.3333, 0.0]]
    """
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1] - both
    return np.asarray(both / np.where(union > 0, union, 1.0))


def suppress(boxes: Floats, scores: Floats, *, overlap: float = 0.5) -> NDArray[np.int64]:
    """Positions of the boxes to keep, best first: those that no better kept box overlaps by more than `overlap`.

    When to use it: on the boxes of one class of one image, before they are counted.

    >>> boxes = np.array([[0.0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]])
    >>> suppress(boxes, np.array([0.8, 0.9, 0.3])).tolist()
    [1, 2]
    """
    order = np.argsort(-scores, kind="stable")
    near = box_overlaps(boxes[order], boxes[order]) > overlap
    kept = np.ones(len(order), dtype=np.bool_)
    for place in range(len(order)):
        if kept[place]:
            kept[place + 1 :] &= ~near[place, place + 1 :]
    return order[kept]
