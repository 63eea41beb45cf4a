"""Boxes: anchors, codes, assignment, suppression and average precision, by hand and by published formulas."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, UsageError
from steelyard.tasks.detection import (
    BACKGROUND,
    IGNORED,
    AnchorGrid,
    BoxCoder,
    assign_anchors,
    box_average_precision,
    box_overlaps,
    suppress,
)

NONE = (np.zeros((0, 4)), np.zeros(0))


def test_anchors_have_the_published_shapes() -> None:
    # of size 32: 0.5 gives 45.25 by 22.63, which other libraries round to (-23, -11, 23, 11)
    boxes = AnchorGrid([32], [0.5, 1, 2], stride=16, offset=0.0).boxes(16, 16)
    assert boxes.round().tolist() == [[-23, -11, 23, 11], [-16, -16, 16, 16], [-11, -23, 11, 23]]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert areas == pytest.approx([1024.0] * 3)


def test_anchors_go_row_by_row_ratio_by_ratio_and_by_size() -> None:
    grid = AnchorGrid([4, 8], [1.0, 4.0], stride=8)
    boxes = grid.boxes(10, 16)  # ten pixels need two rows of cells
    assert boxes.shape == (2 * 2 * 4, 4)
    assert boxes[:4].tolist() == [[2, 2, 6, 6], [0, 0, 8, 8], [3, 0, 5, 8], [2, -4, 6, 12]]
    assert (boxes[4:8] - boxes[:4]).tolist() == [[8, 0, 8, 0]] * 4
    assert (boxes[8:12] - boxes[:4]).tolist() == [[0, 8, 0, 8]] * 4


def test_codes_by_hand_and_back() -> None:
    anchors = np.array([[0.0, 0, 10, 20], [5, 5, 15, 15]])
    boxes = np.array([[2.0, 4, 12, 24], [0, 0, 40, 10]])
    expected = [[0.2, 0.2, 0, 0], [1.0, -0.5, np.log(4), 0]]
    assert BoxCoder().encode(boxes, anchors) == pytest.approx(np.array(expected))
    weighted = BoxCoder((10, 10, 5, 5))
    assert weighted.encode(boxes, anchors)[1] == pytest.approx([10, -5, 5 * np.log(4), 0])
    assert weighted.decode(weighted.encode(boxes, anchors), anchors) == pytest.approx(boxes)
    wild = BoxCoder().decode(np.array([[0, 0, 1e9, 0.0]]), anchors[:1])
    assert wild[0, 2] - wild[0, 0] == pytest.approx(10 * 1000 / 16)


def test_overlaps_by_hand() -> None:
    a = np.array([[0.0, 0, 4, 4], [0, 0, 0, 0]])
    b = np.array([[0.0, 0, 4, 4], [2, 2, 6, 6], [4, 0, 8, 4], [1, 1, 3, 3]])
    assert box_overlaps(a, b) == pytest.approx(np.array([[1, 4 / 28, 0, 4 / 16], [0, 0, 0, 0]]))


def test_anchors_between_the_limits_do_not_count_and_no_box_is_lost() -> None:
    anchors = np.array([[0.0, 0, 10, 10], [0, 0, 10, 22], [0, 0, 10, 30], [40, 40, 60, 60]])
    boxes = np.array([[0.0, 0, 10, 10], [45, 45, 50, 50], [90, 90, 99, 99]])
    # the second box overlaps its best anchor by 1/16 only; nothing touches the third
    assert assign_anchors(anchors, boxes).tolist() == [0, IGNORED, BACKGROUND, 1]
    assert assign_anchors(anchors, np.zeros((0, 4))).tolist() == [BACKGROUND] * 4


def test_suppression_keeps_the_best_of_a_heap_and_chains_part() -> None:
    # a overlaps b, b overlaps c, a does not overlap c: with b gone c stays
    boxes = np.array([[0.0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]])
    assert suppress(boxes, np.array([0.9, 0.8, 0.7]), overlap=0.3).tolist() == [0, 2]
    assert suppress(boxes, np.array([0.7, 0.9, 0.8]), overlap=0.3).tolist() == [1]
    assert suppress(*NONE).tolist() == []


def test_average_precision_by_hand() -> None:
    squares = np.array([[10.0 * i, 0, 10 * i + 10, 10] for i in range(4)])
    far = squares + 100
    # over two images, by falling score: right, wrong, right, twice the same, right; one of four is never found
    first = np.stack([squares[0], far[0], squares[1], squares[0]]), np.array([0.9, 0.8, 0.7, 0.6])
    second = squares[2:3] + 1, np.array([0.5])
    found = box_average_precision([first, second], [squares[:2], squares[2:]], overlap=0.5)
    assert found == pytest.approx((1 + 2 / 3 + 3 / 5) / 4)
    assert box_average_precision([first, second], [squares[:2], squares[2:]], overlap=0.9) == pytest.approx(
        (1 + 2 / 3) / 4
    )


def test_precision_falls_with_recall_only() -> None:
    squares = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    boxes = np.concatenate([squares + 100, squares])
    # wrong, wrong, right, right: precision rises to 1/2, so all recall has it
    found = box_average_precision([(boxes, np.array([0.9, 0.8, 0.7, 0.6]))], [squares])
    assert found == pytest.approx(0.5)
    assert box_average_precision([NONE], [squares]) == 0.0
    assert np.isnan(box_average_precision([NONE], [np.zeros((0, 4))]))
    assert box_average_precision([(squares, np.ones(2)), (squares, np.zeros(2))], [squares, NONE[0]]) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: AnchorGrid([]), UsageError, "positive"),
        (lambda: AnchorGrid([8], stride=0), UsageError, "positive"),
        (lambda: BoxCoder((1, 1, 1, 0)), UsageError, "four positive"),
        (lambda: BoxCoder().encode(np.zeros((1, 4)), np.array([[0, 0, 1, 1.0]])), UsageError, "no width"),
        (
            lambda: assign_anchors(np.zeros((1, 4)), np.zeros((1, 4)), background=0.7),
            UsageError,
            "background",
        ),
        (lambda: box_average_precision([NONE], []), DataError, "1 images"),
        (
            lambda: box_average_precision([(np.zeros((2, 4)), np.ones(1))], [np.ones((1, 4))]),
            DataError,
            "one finite",
        ),
    ],
)
def test_errors_say_what_to_do(call, error, says) -> None:
    with pytest.raises(error, match=says):
        call()
