"""Which anchor is to find which box."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, UsageError
from steelyard.tasks.detection.overlaps import box_overlaps

__all__ = ["BACKGROUND", "IGNORED", "assign_anchors"]

BACKGROUND, IGNORED = -1, -2


def assign_anchors(
    anchors: Floats, boxes: Floats, *, foreground: float = 0.5, background: float = 0.4
) -> NDArray[np.int64]:
    """Give every anchor the box it overlaps most, nothing, or leave it out.

    When to use it: to make the targets of a dense detector.

    An anchor whose best overlap is at least `foreground` has that box; below `background` it is background; between
    the two it does not count. A box's own best anchor always has it, however small the overlap, so that none is lost.

    Args:
        anchors: (A, 4) as left, top, right, bottom.
        boxes: (n, 4) of one image.
        foreground, background: intersection over union.

    Returns:
        The position of each anchor's box (A,); -1 for background, -2 for anchors that do not count.

    Raises:
        UsageError: limits that are not in order.

    >>> anchors = np.array([[0.0, 0, 10, 10], [0, 0, 10, 22], [0, 0, 10, 40], [50, 50, 60, 60]])
    >>> assign_anchors(anchors, np.array([[0.0, 0, 10, 10]])).tolist()
    [0, -2, -1, -1]

    Source: Lin, Goyal, Girshick, He, Dollár (2017), Focal Loss for Dense Object Detection.
    """
    if not 0 <= background <= foreground <= 1:
        raise UsageError(
            f"background={background}, foreground={foreground} came; they must rise, from 0 to 1"
        )
    if not len(boxes):
        return np.full(len(anchors), BACKGROUND)
    overlap = box_overlaps(anchors, boxes)
    best, most = overlap.argmax(1), overlap.max(1)
    found = np.where(most >= foreground, best, np.where(most < background, BACKGROUND, IGNORED))
    own = overlap.argmax(0)
    touched = overlap.max(0) > 0
    found[own[touched]] = np.flatnonzero(touched)
    return found


CARD = {
    "lever": "detection",
    "name": "assign_anchors",
    "title": "Anchors assigned to boxes by overlap",
    "seeds": ["059"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Lin et al. (2017), Focal Loss for Dense Object Detection",
}
