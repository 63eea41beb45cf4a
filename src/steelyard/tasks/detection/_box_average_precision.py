"""Average precision of found boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.core import DataError, Floats
from steelyard.tasks.detection.overlaps import box_overlaps

__all__ = ["box_average_precision"]


def box_average_precision(
    found: Sequence[tuple[Floats, Floats]], truth: Sequence[Floats], *, overlap: float = 0.5
) -> float:
    r"""The area under precision and recall of the boxes of one class, over images.

    When to use it: to judge a detector class by class; the mean over classes is mAP, at an overlap of 0.5 AP50.

    Found boxes of all images are taken by falling score. One is right when the true box of its image that it overlaps
    most, by at least `overlap`, has not been found before. The area is :math:`\sum_i (r_i - r_{i-1}) \max_{j \geq i}
    p_j`: precision made to fall with recall, all points counted.

    Args:
        found: boxes (n, 4) and scores (n,) of every image.
        truth: boxes (m, 4) of every image.
        overlap: intersection over union from which a box counts as found.

    Returns:
        The average precision; nan when no image has a box.

    Raises:
        DataError: another number of images, boxes without scores, or scores that are not finite.

    >>> here, there = np.array([[0.0, 0, 10, 10]]), np.array([[50.0, 50, 60, 60]])
    >>> both = np.concatenate([there, here]), np.array([0.9, 0.8])
    >>> box_average_precision([both], [here])  # the better one is false
    0.5

    Source: Everingham, Eslami, Van Gool, Williams, Winn, Zisserman (2015), The Pascal Visual Object Classes Challenge:
    A Retrospective.
    """
    if len(found) != len(truth):
        raise DataError(
            f"boxes of {len(found)} images came for the truth of {len(truth)}; give one pair an image"
        )
    wanted = sum(len(boxes) for boxes in truth)
    if not wanted:
        return float("nan")
    scores, right = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)]
    for (boxes, score), true in zip(found, truth, strict=True):
        if len(boxes) != len(score) or not np.isfinite(score).all():
            raise DataError(
                f"{len(boxes)} boxes came with {len(score)} scores; give every box one finite score"
            )
        order = np.argsort(-score, kind="stable")
        scores.append(score[order])
        right.append(_right(boxes[order], true, overlap))
    place = np.argsort(-np.concatenate(scores), kind="stable")
    hits = np.cumsum(np.concatenate(right)[place])
    precision = hits / np.arange(1, len(hits) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(hits, prepend=0) * falling).sum() / wanted)


def _right(boxes: Floats, true: Floats, overlap: float) -> NDArray[np.bool_]:
    """Whether each box, best first, finds a true one that no better box has found."""
    right = np.zeros(len(boxes), dtype=np.bool_)
    if not len(true):
        return right
    overlaps = box_overlaps(boxes, true)
    best, free = overlaps.argmax(1), np.ones(len(true), dtype=np.bool_)
    for i, j in enumerate(best):
        if overlaps[i, j] >= overlap and free[j]:
            right[i], free[j] = True, False
    return right


CARD = {
    "lever": "detection",
    "name": "box_average_precision",
    "title": "Average precision of boxes",
    "seeds": ["059"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Everingham et al. (2015), The Pascal Visual Object Classes Challenge: A Retrospective",
}
