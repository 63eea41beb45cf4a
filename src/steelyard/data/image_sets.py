"""Real sets of pictures by name: those in scikit-learn and in folders of data, and those of the hubs."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from steelyard.core import UsageError
from steelyard.data.images import ImageSet
from steelyard.data.sources.hubs import HUBS
from steelyard.data.sources.pictures import SETS

__all__ = ["ImageSetInfo", "image_sets", "load_images"]


@dataclass(frozen=True)
class ImageSetInfo:
    """What is known of a set of pictures without opening it.

    Attributes:
        name: what `load_images` takes.
        title: one line on what the pictures show.
        pictures: how many.
        size: height, width and channels.
        classes: how many.
        most, fewest: pictures of the commonest and of the rarest class.
        needs: what brings it; "" when it is always there.
        available: it can be loaded here and now.
        license: the terms of the data, as far as their home states them.
        source_url: that home.
        note: what a user should know.
    """

    name: str
    title: str
    pictures: int
    size: tuple[int, int, int]
    classes: int
    most: int
    fewest: int
    needs: str
    available: bool
    license: str
    source_url: str
    note: str


def image_sets() -> tuple[ImageSetInfo, ...]:
    """All packaged sets of pictures, also those that are not here, with what they need.

    >>> [info.name for info in image_sets() if not info.needs]
    ['digits']
    """
    return tuple(
        ImageSetInfo(
            one.name,
            one.title,
            one.pictures,
            one.size,
            one.classes,
            one.most,
            one.fewest,
            one.home.needs,
            one.available,
            one.home.license,
            one.home.url,
            one.note,
        )
        for one in SETS
    )


def load_images(name: str, *, folder: str | Path | None = None) -> ImageSet:
    """Load a packaged set of pictures, or one of a hub over the network.

    When to use it: `load_images("digits")` to try things; `load_images("torchvision:CIFAR100")` or
    `load_images("hf:uoft-cs/cifar100:fine_label")` for what those libraries bring (the part after the second
    colon names the column of labels where there are several). Cut a balanced one to a long tail with
    `ImageSet.imbalanced`.

    Args:
        name: a name of `image_sets()`, or "torchvision:NAME" or "hf:OWNER/NAME".
        folder: where a hub keeps what it downloads; None for ~/.cache/steelyard.

    Raises:
        UsageError: no set has this name.
        MissingExtra: a library that it needs is not installed.
        DataError: the folder that holds it is not there.

    >>> from steelyard.data import exponential
    >>> load_images("digits").imbalanced(exponential(50)).prior.counts.tolist()
    [178.0, 115.0, 74.0, 48.0, 31.0, 20.0, 13.0, 8.0, 5.0, 3.0]
    """
    hub, _, what = name.partition(":")
    if hub in HUBS and what:
        place = Path(folder) if folder is not None else Path.home() / ".cache" / "steelyard"
        return HUBS[hub](what, place)
    known = {one.name: one for one in SETS}
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}" if near else f"known are {', '.join(known)}"
        raise UsageError(f"{name!r} is neither a folder, a file nor a set of pictures; {hint}")
    return known[name].load()
