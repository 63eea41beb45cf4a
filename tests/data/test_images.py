from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, TargetError, UsageError
from steelyard.data import ImageSet, exponential, step


def small(n: int = 6, **named) -> ImageSet:
    pixels = np.arange(n * 4, dtype=np.uint8).reshape(n, 2, 2)
    return ImageSet.of(pixels, [0, 1] * (n // 2), labels=["a", "b"], **named)


def test_grey_pictures_get_a_channel_and_names_their_positions() -> None:
    images = ImageSet.of(np.zeros((3, 4, 5), np.uint8), ["b", "a", "b"])
    assert images.pixels.shape == (3, 4, 5, 1)
    assert images.labels == ("a", "b")
    assert images.y.tolist() == [1, 0, 1]
    assert len(images) == 3
    assert images.rows("test").tolist() == []


def test_taking_rows_takes_all_that_belongs_to_them() -> None:
    images = small(
        part=["train", "train", "test", "train", "validation", "test"],
        groups=list("xxyyzz"),
        files=[f"{k}.png" for k in range(6)],
    )
    some = images.take([5, 0])
    assert some.pixels[0, 0, 0, 0] == 20
    assert (some.y.tolist(), some.labels) == ([1, 0], ("a", "b"))
    assert some.part is not None
    assert some.groups is not None
    assert (some.part.tolist(), some.groups.tolist(), some.files) == (
        ["test", "train"],
        ["z", "x"],
        ("5.png", "0.png"),
    )
    assert images.rows("test").tolist() == [2, 5]
    assert images.prior_of(np.array([0, 2, 1])).counts.tolist() == [2, 1]


def test_a_class_without_pictures_is_counted() -> None:
    images = ImageSet.of(np.zeros((2, 2, 2), np.uint8), [0, 2], labels=["a", "b", "c"])
    assert images.prior.counts.tolist() == [1, 0, 1]


def test_only_the_training_part_is_cut() -> None:
    y = np.repeat(np.arange(4), 30)
    part = np.where(np.arange(120) % 3 == 0, "test", "train")
    images = ImageSet.of(np.zeros((120, 2, 2), np.uint8), y, labels=list("abcd"), part=part)
    cut = images.imbalanced(step(10), seed=1)
    assert cut.prior_of(cut.rows("train")).counts.tolist() == [20, 20, 2, 2]
    assert cut.prior_of(cut.rows("test")).counts.tolist() == [10] * 4
    turned = images.imbalanced(exponential(4), order=list("dcba"))
    assert turned.prior_of(turned.rows("train")).counts.tolist() == [5, 7, 12, 20]
    with pytest.raises(UsageError, match="no training pictures"):
        images.take(images.rows("test")).imbalanced(step(2))


def test_the_digest_tells_sets_apart() -> None:
    digests = {
        small().digest,
        small(part=["train"] * 6).digest,
        small(groups=list("aabbcc")).digest,
        ImageSet.of(np.arange(24, dtype=np.uint8).reshape(6, 2, 2) + 1, [0, 1] * 3, labels=["a", "b"]).digest,
        ImageSet.of(np.arange(24, dtype=np.uint8).reshape(6, 2, 2), [1, 0] * 3, labels=["a", "b"]).digest,
        ImageSet.of(np.arange(24, dtype=np.uint8).reshape(6, 2, 2), [0, 1] * 3, labels=["a", "c"]).digest,
    }
    assert len(digests) == 6
    assert small().digest == small().take(np.arange(6)).digest


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: ImageSet.of(np.zeros((2, 2, 2)), [0, 1]), DataError, "float64"),
        (lambda: ImageSet.of(np.zeros((2, 2, 2, 4), np.uint8), [0, 1]), DataError, "shape"),
        (lambda: ImageSet.of(np.zeros((2, 2, 2), np.uint8), [0]), DataError, "labels of shape"),
        (lambda: small(part=["train"]), DataError, "parts of shape"),
        (lambda: small(part=["dev"] * 6), DataError, "'dev'"),
        (lambda: ImageSet.of(np.zeros((1, 2, 2), np.uint8), [3], labels=["a", "b"]), TargetError, "0 to 1"),
        (lambda: ImageSet.of(np.zeros((1, 2, 2), np.uint8), [0], labels=["a", "a"]), TargetError, "differ"),
    ],
)
def test_what_does_not_fit_is_said(make, error, match) -> None:
    with pytest.raises(error, match=match):
        make()
