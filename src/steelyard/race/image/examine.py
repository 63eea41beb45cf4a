"""Look at the pictures before anything is trained: what cannot be used, and what a user should know."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError, Floats, Prior, TooFewSamples, UsageError, derive
from steelyard.data import PARTS, ImageSet, duplicate_groups, make_imbalanced, named_profile
from steelyard.diagnose import Finding
from steelyard.race.image.options import ImageOptions
from steelyard.tasks.image import ImageParts, Read, cut_training, picture_codes, split_images

__all__ = ["Prepared", "prepare_images"]

Ints = NDArray[np.int64]
LEAST = 3
"""Different pictures a class needs: one to learn from, one to choose by, one to be judged on."""
MANY_CLASSES = 2000
SHOWN = 8


@dataclass(frozen=True, eq=False)
class Prepared:
    """Checked pictures in parts.

    Attributes:
        images: the pictures that are used, of two classes the positive one last.
        parts: who learns, who chooses, who judges.
        together: equal for pictures that must not be parted.
        prior: of the training pictures.
        natural: the class shares where decisions will be made, as the validation pictures show them.
        findings: what a user should know.
        digest: of the pictures.
    """

    images: ImageSet
    parts: ImageParts
    together: Ints
    prior: Prior
    natural: Floats
    findings: tuple[Finding, ...]
    digest: str


def prepare_images(read: Read, options: ImageOptions, *, positive: str | None = None) -> Prepared:
    """Check, divide, and cut to a profile where that was asked.

    Raises:
        DataError: the pictures cannot be used; the sentence says why.
        UsageError: an unknown positive class.
    """
    codes = picture_codes(read.images)
    digest = read.images.digest
    images, codes, rare = _without_rare(read.images, codes, drop=options.drop_rare)
    images = _positive_last(images, positive)
    parts = split_images(
        images,
        codes,
        test_size=options.test_size,
        validation_size=options.validation_size,
        seed=options.seed,
    )
    findings = [*_unread(read), *_sizes(read), *rare, *_copies(images, codes), *_leaks(parts)]
    drawn = images.part is None or not len(images.rows("validation"))
    if options.imbalance is not None:
        kept = make_imbalanced(
            images.y[parts.train],
            named_profile(options.imbalance),
            order=range(len(images.labels)),
            seed=derive(options.seed, "imbalance"),
        )
        parts, drawn = cut_training(parts, kept, options.imbalance), False
    prior = images.prior_of(parts.train)
    if (prior.counts == 0).any():
        raise TooFewSamples(
            f"the imbalance {options.imbalance!r} leaves class {prior.rarest!r} without training pictures; ask for a "
            "smaller ratio"
        )
    return Prepared(
        images,
        parts,
        duplicate_groups(pd.DataFrame({"code": codes}), groups=images.groups),
        prior,
        prior.p if drawn else _smoothed(images.prior_of(parts.validation)),
        (*findings, *_few(prior)),
        digest,
    )


def _smoothed(prior: Prior) -> Floats:
    """Class shares; a class that does not occur counts as half a picture."""
    counts = np.maximum(prior.counts, 0.5)
    return np.asarray(counts / counts.sum())


def _without_rare(images: ImageSet, codes: Ints, *, drop: bool) -> tuple[ImageSet, Ints, list[Finding]]:
    """Refuse, or when asked leave out, classes that cannot be in all three parts."""
    k = len(images.labels)
    if k > MANY_CLASSES:
        raise DataError(
            f"the pictures have {k:,} classes, more than {MANY_CLASSES:,}; choose a target with fewer classes"
        )
    whole = images.part is not None and all(len(images.rows(part)) for part in PARTS)
    together = duplicate_groups(pd.DataFrame({"code": codes}), groups=images.groups)
    what = "pictures" if images.groups is None else "groups"
    units = np.bincount(pd.DataFrame({"y": images.y, "g": together}).drop_duplicates()["y"], minlength=k)
    scarce = np.flatnonzero(units < (1 if whole else LEAST))
    if not len(scarce):
        return images, codes, []
    named = ", ".join(f"{images.labels[i]!r} ({units[i]})" for i in scarce[:SHOWN])
    more = f" and {len(scarce) - SHOWN} more" if len(scarce) > SHOWN else ""
    if k - len(scarce) < 2:
        raise TooFewSamples(
            f"{k - len(scarce)} of {k} classes have {LEAST} different {what} or more, two such classes are needed; few "
            f"are {named}{more}; add pictures"
        )
    if not drop:
        raise TooFewSamples(
            f"too few different {what} in {named}{more}: training, choosing and judging need one each; add some, or "
            "leave such classes out with --drop-rare (drop_rare=True)"
        )
    kept = ~np.isin(images.y, scarce)
    labels = tuple(label for i, label in enumerate(images.labels) if i not in set(scarce.tolist()))
    place = np.cumsum(~np.isin(np.arange(k), scarce)) - 1
    fewer = images.take(np.flatnonzero(kept))
    fewer = replace(fewer, labels=labels, y=place[fewer.y].astype(np.int64))
    finding = Finding(
        "rare_classes",
        "warning",
        f"{len(scarce)} classes were left out",
        f"They have fewer than {LEAST} different {what}: {named}{more}.",
        "Collect more, or merge them with others: the model will never decide for them.",
    )
    return fewer, codes[kept], [finding]


def _positive_last(images: ImageSet, positive: str | None) -> ImageSet:
    """Of two classes the positive one (by default the rarest) comes last."""
    if len(images.labels) < 2:
        raise TooFewSamples(
            f"all pictures are of class {images.labels[0]!r}; a classifier needs at least two classes"
        )
    if positive is not None and (positive not in images.labels or len(images.labels) != 2):
        shown = ", ".join(map(repr, images.labels[:SHOWN]))
        raise UsageError(f"positive is {positive!r}, expected one of two classes; the classes are {shown}")
    if len(images.labels) != 2 or images.labels[1] == (positive or images.prior.rarest):
        return images
    return replace(images, labels=images.labels[::-1], y=1 - images.y)


def _unread(read: Read) -> list[Finding]:
    found = []
    if read.broken:
        some = "; ".join(f"{name}: {why}" for name, why in list(read.broken.items())[:3])
        found.append(
            Finding(
                "unreadable",
                "warning",
                f"{len(read.broken):,} pictures cannot be read",
                f"They were left out ({some}).",
                "Look at them: damaged files are often all from one source or class.",
            )
        )
    if read.notes:
        found.append(
            Finding(
                "left_out",
                "info",
                "What was not read",
                "; ".join(read.notes) + ".",
                "Check that this is meant.",
            )
        )
    return found


def _sizes(read: Read) -> list[Finding]:
    side = read.images.pixels.shape[1]
    if not read.sizes or set(read.sizes) == {(side, side)}:
        return []
    (width, height), n = read.sizes.most_common(1)[0]
    small, large = (pick(read.sizes, key=lambda one: one[0] * one[1]) for pick in (min, max))
    kinds = (
        f"All pictures are {width} × {height} pixels."
        if len(read.sizes) == 1
        else f"{len(read.sizes):,} sizes from {small[0]} × {small[1]} to {large[0]} × {large[1]} pixels, most often "
        f"{width} × {height} ({n:,} pictures)."
    )
    return [
        Finding(
            "sizes",
            "info",
            "Pictures were brought to one size",
            f"{kinds} All became {side} × {side}: the longer side is scaled, the rest filled with the edge's colour.",
            "If details matter, give a larger --size; if sizes differ between classes, they may give the class away.",
        )
    ]


def _copies(images: ImageSet, codes: Ints) -> list[Finding]:
    frame = pd.DataFrame({"code": codes, "y": images.y})
    copies = int(frame["code"].duplicated().sum())
    if not copies:
        return []
    found = [
        Finding(
            "duplicates",
            "info",
            f"{copies:,} pictures repeat another one",
            f"{copies:,} of {len(images):,} pictures have the pixels of another one; copies are kept in one part, "
            "so that none is judged on that was learned from.",
            "Near copies (the same scene, a crop) are not found this way; name a --group column for those.",
        )
    ]
    classes = frame.groupby("code")["y"].transform("nunique").to_numpy()
    if (classes > 1).any():
        names = images.files or tuple(str(i) for i in range(len(images)))
        first = int(np.flatnonzero(classes > 1)[0])
        other = int(np.flatnonzero((codes == codes[first]) & (images.y != images.y[first]))[0])
        found.append(
            Finding(
                "contradictions",
                "warning",
                f"{int((classes > 1).sum()):,} pictures have a copy with another class",
                f"Such as {names[first]} ({images.labels[images.y[first]]}) and {names[other]} "
                f"({images.labels[images.y[other]]}).",
                "One of the labels is wrong, or the classes cannot be told from the picture: look at them.",
            )
        )
    return found


def _leaks(parts: ImageParts) -> list[Finding]:
    found = []
    if parts.copies:
        found.append(
            Finding(
                "leak",
                "warning",
                "Copies across the parts of the source",
                f"{parts.copies:,} training or validation pictures have a copy in a later part and were left out, so "
                "that nothing is judged on that was learned from.",
                "Remove them from the source: results of others on these parts are optimistic.",
            )
        )
    if parts.straddling:
        found.append(
            Finding(
                "leak",
                "warning",
                "Groups across the parts of the source",
                f"{parts.straddling:,} training or validation pictures are of a group that a later part holds too and "
                "were left out.",
                "Divide the source by group: results of others on these parts are optimistic.",
            )
        )
    return found


def _few(prior: Prior) -> list[Finding]:
    few = prior.groups()["few"]
    if not few:
        return []
    named = ", ".join(f"{label} ({prior.counts[prior.labels.index(label)]:.0f})" for label in few[:SHOWN])
    more = f" and {len(few) - SHOWN} more" if len(few) > SHOWN else ""
    return [
        Finding(
            "few_pictures",
            "info",
            f"{len(few)} classes with fewer than 20 training pictures",
            f"{named}{more}.",
            "What is said of these classes one by one rests on a handful of pictures.",
        )
    ]
