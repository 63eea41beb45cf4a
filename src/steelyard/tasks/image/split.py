"""Parts that share no picture, no copy of one, and no group."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError, TooFewSamples, derive
from steelyard.data import ImageSet, assert_disjoint, duplicate_groups, final_split

__all__ = ["ImageParts", "cut_training", "picture_codes", "split_images"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ImageParts:
    """Positions of the pictures to learn from, to choose by and to judge on.

    Attributes:
        train, validation, test: positions, ascending.
        how: one sentence on how they came about.
        copies: training (or validation) pictures left out because an official later part holds a copy of them.
        straddling: those left out because their group is in an official later part.
    """

    train: Ints
    validation: Ints
    test: Ints
    how: str
    copies: int = 0
    straddling: int = 0


def picture_codes(images: ImageSet) -> Ints:
    """A number for every picture (n,), equal for pictures of equal pixels.

    >>> images = ImageSet.of(np.array([[[1]], [[2]], [[1]]], np.uint8), ["a", "a", "b"])
    >>> picture_codes(images).tolist()
    [0, 1, 0]
    """
    digests = [
        hashlib.blake2b(np.ascontiguousarray(one).data, digest_size=8).digest() for one in images.pixels
    ]
    return pd.factorize(np.frombuffer(b"".join(digests), dtype=np.uint64))[0].astype(np.int64)


def split_images(
    images: ImageSet,
    codes: Ints,
    *,
    test_size: float = 0.2,
    validation_size: float = 0.2,
    seed: int = 0,
) -> ImageParts:
    """Divide pictures for training, choosing and judging.

    Official parts are kept, and what they lack is drawn from the training part. Drawn parts have their share of
    every class; copies of a picture, and pictures of a group, stay together. Where official parts share a copy or a
    group, the earlier part gives it up.

    Args:
        images: all pictures.
        codes: equal for equal pictures, of `picture_codes`.
        test_size: share of the pictures that are drawn for the final test.
        validation_size: share of the other pictures that are drawn for choosing.
        seed: of the drawing.

    Raises:
        TooFewSamples: a class without training pictures, or a part with fewer than two classes.
        DataError: official parts without one for training.
    """
    together = duplicate_groups(pd.DataFrame({"code": codes}), groups=images.groups)
    parts = {name: images.rows(name) for name in ("train", "validation", "test")}
    if images.part is None:
        parts["train"] = np.arange(len(images))
    elif not len(parts["train"]):
        raise DataError(f"{images.name!r} has parts and none for training; name one of them train")
    copies, straddling = _give_up(parts, codes, images.groups)
    drawn = []
    for name, size in (("test", test_size), ("validation", validation_size)):
        if not len(parts[name]):
            rows = parts["train"]
            split = final_split(
                images.y[rows], groups=together[rows], size=size, seed=derive(seed, "pictures", name)
            )
            parts["train"], parts[name] = rows[split.train], rows[split.test]
            drawn.append(name)
    found = ImageParts(**parts, how=_how(parts, drawn, images), copies=copies, straddling=straddling)
    for rows in (found.validation, found.test):
        assert_disjoint(found.train, rows, groups=together)
    assert_disjoint(found.validation, found.test, groups=together)
    _refuse_thin(images, found)
    return found


def cut_training(parts: ImageParts, kept: Ints, profile: str) -> ImageParts:
    """The same parts with only some of the training pictures, by their positions in the training part."""
    how = f"{parts.how}; training then cut to {len(kept):,} by the profile {profile}"
    return replace(parts, train=parts.train[kept], how=how)


def _give_up(parts: dict[str, Ints], codes: Ints, groups: NDArray[np.object_] | None) -> tuple[int, int]:
    """Take out of earlier official parts what a later one holds too; counts of copies and of group members."""
    copies = straddling = 0
    for early, later in (("train", ("validation", "test")), ("validation", ("test",))):
        rows = parts[early]
        after = np.concatenate([parts[name] for name in later])
        copied = np.isin(codes[rows], codes[after])
        shared = np.zeros(len(rows), dtype=bool)
        if groups is not None:
            known = pd.notna(groups)
            shared = known[rows] & np.isin(groups[rows], groups[after[known[after]]]) & ~copied
        parts[early] = rows[~copied & ~shared]
        copies, straddling = copies + int(copied.sum()), straddling + int(shared.sum())
    return copies, straddling


def _how(parts: dict[str, Ints], drawn: list[str], images: ImageSet) -> str:
    sizes = ", ".join(f"{len(rows):,} for {name}" for name, rows in parts.items())
    if images.part is None:
        means = "drawn by class, copies of a picture kept together"
    else:
        means = (
            "as the source has them" if not drawn else f"{' and '.join(drawn)} drawn from the training part"
        )
    if images.groups is not None:
        means += ", no group in two parts"
    return f"{sizes}; {means}"


def _refuse_thin(images: ImageSet, parts: ImageParts) -> None:
    k = len(images.labels)
    train = np.bincount(images.y[parts.train], minlength=k)
    if (train == 0).any():
        names = [images.labels[i] for i in np.flatnonzero(train == 0)[:5]]
        raise TooFewSamples(
            f"class {names[0]!r} has no training picture{'' if len(names) == 1 else f' (nor {names[1]!r})'}; give it "
            "some, or leave it out"
        )
    for name, rows in (("validation", parts.validation), ("test", parts.test)):
        if len(np.unique(images.y[rows])) < 2:
            raise TooFewSamples(f"the {name} part holds fewer than two classes; give it pictures of more")
