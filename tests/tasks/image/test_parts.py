"""Parts share no picture, no copy and no group."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from steelyard.core import DataError, TooFewSamples
from steelyard.data import ImageSet
from steelyard.tasks.image import cut_training, picture_codes, split_images


def pictures(y, *, values=None, **named) -> ImageSet:
    n = len(y)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, 4, 4), dtype=np.uint8)
    if values is not None:
        pixels[:] = np.asarray(values, dtype=np.uint8)[:, None, None]
    return ImageSet.of(pixels, y, **named)


def test_codes_are_equal_for_equal_pixels_only() -> None:
    images = pictures([0, 1, 0, 1], labels=["a", "b"], values=[7, 8, 7, 9])
    assert picture_codes(images).tolist() == [0, 1, 0, 2]


def test_every_class_has_its_share_in_every_part() -> None:
    images = pictures(np.repeat([0, 1, 2], [200, 40, 5]), labels=list("abc"))
    parts = split_images(images, picture_codes(images), seed=3)
    sizes = [
        np.bincount(images.y[rows], minlength=3).tolist()
        for rows in (parts.train, parts.validation, parts.test)
    ]
    assert sizes[2] == [40, 8, 1]
    assert sizes[1] == [32, 6, 1]
    assert sizes[0] == [128, 26, 3]
    everything = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(everything.tolist()) == list(range(245))
    assert "157 for train, 39 for validation, 49 for test; drawn by class" in parts.how
    again = split_images(images, picture_codes(images), seed=3)
    assert again.test.tolist() == parts.test.tolist()
    assert split_images(images, picture_codes(images), seed=4).test.tolist() != parts.test.tolist()


def test_copies_and_groups_stay_together() -> None:
    y = np.tile([0, 1], 60)
    values = np.repeat(np.arange(60), 2)  # each picture twice, once a class
    images = pictures(y, labels=["a", "b"], values=values)
    codes = picture_codes(images)
    parts = split_images(images, codes)
    for one, other in (
        (parts.train, parts.test),
        (parts.train, parts.validation),
        (parts.validation, parts.test),
    ):
        assert not set(codes[one]) & set(codes[other])
    groups = np.repeat(np.arange(20), 6)
    grouped = pictures(y, labels=["a", "b"], groups=groups)
    parts = split_images(grouped, picture_codes(grouped))
    assert not set(groups[parts.train]) & set(groups[parts.test])
    assert "no group in two parts" in parts.how


def test_official_parts_are_kept_and_give_up_what_later_ones_hold() -> None:
    part = np.repeat(["train", "validation", "test"], [20, 6, 6])
    values = np.arange(32)
    values[0] = values[26]  # a training picture that is in the test part
    values[1] = values[20]  # one that is in the validation part
    values[21] = values[27]  # a validation picture that is in the test part
    groups = np.arange(32)
    groups[2] = groups[30]  # a training picture of a person in the test part
    images = pictures(np.tile([0, 1], 16), labels=["a", "b"], values=values, part=part, groups=groups)
    parts = split_images(images, picture_codes(images))
    assert parts.train.tolist() == list(range(3, 20))
    assert parts.validation.tolist() == [20, 22, 23, 24, 25]
    assert parts.test.tolist() == list(range(26, 32))
    assert (parts.copies, parts.straddling) == (3, 1)
    assert "as the source has them" in parts.how


def test_a_missing_part_is_drawn_from_training() -> None:
    part = np.repeat(["train", "test"], [40, 10])
    images = pictures(np.tile([0, 1], 25), labels=["a", "b"], part=part)
    parts = split_images(images, picture_codes(images))
    assert parts.test.tolist() == list(range(40, 50))
    assert len(parts.validation) == 8
    assert len(parts.train) == 32
    assert "validation drawn from the training part" in parts.how
    with pytest.raises(DataError, match="none for training"):
        split_images(images.take(parts.test), picture_codes(images.take(parts.test)))


def test_cutting_says_so() -> None:
    images = pictures(np.tile([0, 1], 25), labels=["a", "b"])
    parts = split_images(images, picture_codes(images))
    cut = cut_training(parts, np.array([0, 2]), "step:5")
    assert cut.train.tolist() == parts.train[[0, 2]].tolist()
    assert cut.how.endswith("training then cut to 2 by the profile step:5")
    assert cut.test is parts.test


def test_parts_that_cannot_serve() -> None:
    part = np.repeat(["train", "validation", "test"], [10, 4, 4])
    y = np.array([0] * 10 + [0, 1, 0, 1] * 2)
    images = pictures(y, labels=["a", "b"], part=part)
    with pytest.raises(TooFewSamples, match="class 'b' has no training picture"):
        split_images(images, picture_codes(images))
    y = np.array([0, 1] * 5 + [0, 1, 0, 1] + [1] * 4)
    images = pictures(y, labels=["a", "b"], part=part)
    with pytest.raises(TooFewSamples, match="test part holds fewer than two classes"):
        split_images(images, picture_codes(images))
