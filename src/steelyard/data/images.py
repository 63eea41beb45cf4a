"""Pictures for learning: pixels together with their classes and the parts they officially belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Prior, Seed, TargetError, UsageError
from steelyard.data.imbalance import Profile, make_imbalanced

__all__ = ["PARTS", "ImageSet"]

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Pictures of one size with their classes.

    When to use it: it is what `load_images` gives and what training on pictures takes; make one with `of` from
    arrays of your own.

    Attributes:
        pixels: uint8 (n, height, width, channels), 1 channel for grey and 3 for colour.
        y: class positions (n,).
        labels: the names of the classes, in the order of their positions.
        name: what the set is called.
        part: "train", "validation" or "test" for every picture (n,), where the source has parts; else None.
        groups: what must not straddle a split, such as the patient (n,); else None.
        files: what each picture is called, for people; else None.

    >>> images = ImageSet.of(np.zeros((3, 8, 8), np.uint8), ["cat", "dog", "cat"])
    >>> images.labels, images.prior.counts.tolist(), images.pixels.shape
    (('cat', 'dog'), [2.0, 1.0], (3, 8, 8, 1))
    """

    pixels: NDArray[np.uint8]
    y: NDArray[np.int64]
    labels: tuple[str, ...]
    name: str = "pictures"
    part: NDArray[Any] | None = None
    groups: NDArray[Any] | None = None
    files: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        pixels: ArrayLike,
        target: ArrayLike,
        *,
        labels: Sequence[str] | None = None,
        name: str = "pictures",
        part: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        files: Sequence[str] | None = None,
    ) -> ImageSet:
        """Check arrays and put them together.

        Args:
            pixels: uint8 (n, height, width) or (n, height, width, 1 or 3).
            target: class names, or class positions when `labels` are given; (n,) or (n, 1).
            labels: the names of the classes.
            name, part, groups, files: see the attributes.

        Raises:
            DataError: pixels of another shape or type, or arrays of different lengths.
            TargetError: a position outside the labels.
        """
        found = np.asarray(pixels)
        found = found[..., None] if found.ndim == 3 else found
        if found.ndim != 4 or found.shape[3] not in (1, 3) or found.dtype != np.uint8:
            raise DataError(
                f"pictures came as {found.dtype} of shape {np.shape(pixels)}; expected uint8 from 0 to 255 of shape "
                "(n, height, width) or (n, height, width, 3)"
            )
        values = np.asarray(target)
        values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
        for what, array in (("labels", values), ("parts", part), ("groups", groups), ("files", files)):
            if array is not None and np.shape(array) != (len(found),):
                raise DataError(
                    f"{len(found)} pictures came with {what} of shape {np.shape(array)}; give one each"
                )
        names, y = _coded(values, labels)
        return cls(
            found,
            y,
            names,
            name,
            None if part is None else _parts(part),
            None if groups is None else np.asarray(groups),
            None if files is None else tuple(files),
        )

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.y)

    @property
    def prior(self) -> Prior:
        """How often each class occurs."""
        return self.prior_of(np.arange(len(self.y)))

    def prior_of(self, rows: NDArray[np.int64]) -> Prior:
        """How often each class occurs among some pictures."""
        return Prior.of(np.asarray(self.labels)[self.y[rows]], labels=self.labels)

    def rows(self, part: str) -> NDArray[np.int64]:
        """The positions of the pictures of an official part; empty where the source has none."""
        return np.flatnonzero(self.part == part) if self.part is not None else np.zeros(0, np.int64)

    def take(self, rows: ArrayLike) -> ImageSet:
        """The pictures at some positions; the classes stay."""
        at = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            pixels=self.pixels[at],
            y=self.y[at],
            part=None if self.part is None else self.part[at],
            groups=None if self.groups is None else self.groups[at],
            files=None if self.files is None else tuple(self.files[i] for i in at),
        )

    def imbalanced(
        self, profile: Profile, *, order: Sequence[Hashable] | None = None, seed: Seed = 0
    ) -> ImageSet:
        """Cut the training pictures to a profile of class counts; official validation and test parts stay whole.

        When to use it: to make the long-tailed variants of the literature; the first class becomes the commonest
        unless `order` says otherwise. A set without parts is cut as a whole.

        >>> balanced = ImageSet.of(np.zeros((60, 2, 2), np.uint8), np.repeat(["a", "b", "c"], 20))
        >>> from steelyard.data import exponential
        >>> balanced.imbalanced(exponential(4)).prior.counts.tolist()
        [20.0, 10.0, 5.0]
        """
        cut = np.arange(len(self)) if self.part is None else self.rows("train")
        if not len(cut):
            raise UsageError(f"{self.name!r} has no training pictures to cut")
        names = np.asarray(self.labels)[self.y[cut]]
        kept = make_imbalanced(names, profile, order=self.labels if order is None else order, seed=seed)
        return self.take(np.sort(np.concatenate([cut[kept], np.setdiff1d(np.arange(len(self)), cut)])))

    @property
    def digest(self) -> str:
        """SHA-256 of pixels, classes, parts and groups."""
        made = hashlib.sha256(repr((self.pixels.shape, self.labels)).encode())
        for start in range(0, len(self), PIECE):
            made.update(np.ascontiguousarray(self.pixels[start : start + PIECE]).data)
        made.update(np.ascontiguousarray(self.y).data)
        for more in (self.part, self.groups):
            made.update(b"-" if more is None else repr(more.tolist()).encode())
        return made.hexdigest()


PIECE = 4096
"""Pictures looked at together, so that sets larger than memory can be read through."""


def _coded(values: NDArray[Any], labels: Sequence[str] | None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    if labels is None:
        prior = Prior.of(values)
        return tuple(str(label) for label in prior.labels), prior.encode(values)
    names = tuple(str(label) for label in labels)
    y = values.astype(np.int64)
    if len({*names}) < len(names) or (len(y) and (y.min() < 0 or y.max() >= len(names))):
        raise TargetError(
            f"{len(names)} labels came with positions from {y.min(initial=0)} to {y.max(initial=0)}; expected "
            f"positions from 0 to {len(names) - 1} and labels that differ"
        )
    return names, y


def _parts(part: ArrayLike) -> NDArray[Any]:
    found = np.asarray(part).astype(str)
    unknown = sorted({*np.unique(found).tolist()} - {*PARTS})
    if unknown:
        raise DataError(f"the part {unknown[0]!r} came, expected one of {', '.join(PARTS)}")
    return found
