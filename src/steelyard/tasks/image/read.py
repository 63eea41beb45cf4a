"""From what a user names to pictures in memory, with an account of what was found on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steelyard.core import DataError, Listener, TooFewSamples, UsageError
from steelyard.data import ImageSet, load_images
from steelyard.data.formats.survey import ENDINGS as TABLES
from steelyard.data.sources.pictures import read_medmnist
from steelyard.tasks.image.decoding import decode, fit_picture, look_at
from steelyard.tasks.image.listing import Listing, list_files, list_folder, list_table

__all__ = ["Read", "read_images", "read_new_images"]

SMALL, LARGE = 64, 512
"""Pixels of a side up to which pictures of one size stay as they are, and more than which none become."""
MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class Read:
    """Pictures and what was noticed while they were read.

    Attributes:
        images: the pictures that could be read.
        source: where they were.
        target_name: where their classes come from.
        sizes: (width, height) -> how many files.
        broken: name of a file -> why it could not be read.
        notes: what was left out, in sentences.
    """

    images: ImageSet
    source: str
    target_name: str
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    broken: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_images(
    images: str | Path | ImageSet,
    *,
    target: str | None = None,
    path: str | None = None,
    group: str | None = None,
    part: str | None = None,
    size: int | None = None,
    cache: Path | None = None,
    listener: Listener | None = None,
) -> Read:
    """Read pictures with their classes.

    When to use it: `steelyard train` does it; call it to look at what would be trained on.

    Args:
        images: a folder of class folders (below train, validation and test where it has parts), a table with
            a column of paths, a .npz archive in MedMNIST's form or with `images` and `labels`, the name of a
            packaged set, "torchvision:…" or "hf:…", or an `ImageSet`.
        target: the column of classes, for tables.
        path: the column of paths, for tables; None looks for one that is called so.
        group: the column of what must not straddle a split, for tables.
        part: the column that says train, validation or test, for tables.
        size: pixels of a side; None keeps pictures of one size up to 64 and brings all others to 64.
        cache: a folder for pixels that do not fit in memory.
        listener: hears about progress.

    Raises:
        DataError: nothing there, or more than half of the files cannot be read.
        UsageError: options that do not belong to what was given.
    """
    if size is not None and not 4 <= size <= LARGE:
        raise UsageError(f"size is {size}, expected 4 to {LARGE} pixels")
    columns = {"--target": target, "--path": path, "--group": group, "--part": part}
    place = None if isinstance(images, ImageSet) else Path(images)
    if place is not None and place.is_file() and _ending(place) in TABLES:
        if target is None:
            raise UsageError(f"no column of classes was named; give --target COLUMN for {place.name!r}")
        return _read_listing(
            list_table(place, target=target, path=path, group=group, part=part), size, cache, listener
        )
    named = [name for name, value in columns.items() if value is not None]
    if named:
        raise UsageError(
            f"{named[0]} names a column, which only a table of paths has; {_named(images)} is none, so leave it out"
        )
    if place is not None and place.is_dir():
        return _read_listing(list_folder(place), size, cache, listener)
    if place is not None and place.is_file():
        return _sized(Read(_archive(place), str(place), "its own classes"), size)
    if place is not None and (place.suffix or len(place.parts) > 1) and ":" not in str(images):
        raise DataError(f"there is no folder or file {str(images)!r}; check the path")
    found = images if isinstance(images, ImageSet) else load_images(str(images))
    if not len(found):
        raise TooFewSamples("there are no pictures; pass at least some of two classes")
    return _sized(Read(found, f"the set {found.name}", "its own classes"), size)


def read_new_images(
    images: str | Path,
    *,
    size: int,
    channels: int,
    path: str | None = None,
    listener: Listener | None = None,
) -> tuple[ImageSet, dict[str, str]]:
    """Read pictures to be classified: one file, a folder with all below it, a table of paths, or an archive.

    Args:
        images: where they are; the name of a packaged set serves too.
        size, channels: as in training.
        path: the column of paths, for tables.
        listener: hears about progress.

    Returns:
        The pictures without classes (all are given position 0), and name -> reason of those that cannot be read.
    """
    place = Path(images)
    if not place.exists() or _ending(place) == ".npz":
        whole = read_images(images).images
        rows = whole.rows("test")
        found = whole.take(rows) if len(rows) else whole
        names = found.files or tuple(str(i) for i in range(len(found)))
        return ImageSet.of(
            fitted(found.pixels, size, channels), np.zeros(len(found), int), labels=["?"], files=names
        ), {}
    if place.is_file() and _ending(place) in TABLES:
        listing = list_table(place, target=None, path=path)
    else:
        listing = list_files(place)
    decoded = decode(listing.paths, size=size, channels=channels, listener=listener)
    broken = {listing.names[i]: why for i, why in decoded.broken.items()}
    if not len(decoded.kept):
        name, why = next(iter(broken.items()))
        raise DataError(f"none of {len(broken)} pictures could be read ({name}: {why}); check the files")
    names = tuple(listing.names[i] for i in decoded.kept)
    return ImageSet.of(decoded.pixels, np.zeros(len(names), int), labels=["?"], files=names), broken


def _read_listing(listing: Listing, size: int | None, cache: Path | None, listener: Listener | None) -> Read:
    found = look_at(listing.paths, listener=listener)
    if len(found.broken) > MOSTLY * len(listing.paths):
        i, why = next(iter(found.broken.items()))
        raise DataError(
            f"{len(found.broken):,} of {len(listing.paths):,} pictures cannot be read ({listing.names[i]}: {why}); "
            "check the paths, which start at the table's folder"
        )
    side = size or _side(found.sizes)
    decoded = decode(
        listing.paths, size=side, channels=1 if found.grey else 3, cache=cache, listener=listener
    )
    kept = decoded.kept
    if not len(kept) or listing.target is None:
        raise DataError(f"no picture of {listing.source!r} could be decoded; check the files")
    images = ImageSet.of(
        decoded.pixels,
        np.asarray(listing.target)[kept],
        name=listing.name,
        part=None if listing.part is None else np.asarray(listing.part)[kept],
        groups=None if listing.groups is None else listing.groups[kept],
        files=tuple(listing.names[i] for i in kept),
    )
    broken = {listing.names[i]: why for i, why in decoded.broken.items()}
    return Read(images, listing.source, listing.target_name, found.sizes, broken, listing.notes)


def _archive(place: Path) -> ImageSet:
    if _ending(place) != ".npz":
        raise DataError(
            f"{place.name!r} is no folder, table or .npz archive; give a folder of class folders, or a table of "
            "paths and classes"
        )
    try:
        with np.load(place, allow_pickle=False) as stored:
            if "images" in stored and "labels" in stored:
                labels = [str(one) for one in stored["classes"]] if "classes" in stored else None
                return ImageSet.of(stored["images"], stored["labels"], labels=labels, name=place.stem)
        return read_medmnist(place, name=place.stem)
    except DataError:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{place.name!r} cannot be read as a .npz archive; make it anew") from error


def _sized(read: Read, size: int | None) -> Read:
    images = read.images
    height, width, channels = images.pixels.shape[1:]
    side = size or _side(Counter({(width, height): 1}))
    sizes = Counter({(width, height): len(images)})
    if (height, width) != (side, side):
        images = ImageSet(
            fitted(images.pixels, side, channels),
            images.y,
            images.labels,
            images.name,
            images.part,
            images.groups,
            images.files,
        )
    return Read(images, read.source, read.target_name, sizes, read.broken, read.notes)


def fitted(pixels: NDArray[np.uint8], size: int, channels: int) -> NDArray[np.uint8]:
    """Pixels (n, h, w, c) brought to size and channels."""
    if pixels.shape[1:] == (size, size, channels):
        return pixels
    return np.stack([fit_picture(one, size=size, channels=channels) for one in pixels])


def _side(sizes: Counter[tuple[int, int]]) -> int:
    longest = max(max(one) for one in sizes)
    return longest if len(sizes) == 1 and 4 <= longest <= SMALL else SMALL


def _ending(place: Path) -> str:
    name = place.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _named(images: str | Path | ImageSet) -> str:
    return images.name if isinstance(images, ImageSet) else repr(str(images))
