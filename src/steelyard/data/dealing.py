"""Deal rows or whole groups into parts, so that every part has its share of every class.

One policy for rare classes: a part that is held out never takes the last group (or row) of a class. So every
class is in every training part, and a class that lies in one group alone is never held out at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

Ints = NDArray[np.int64]

ALWAYS_TRAIN = -1
"""The part of groups that no held-out part may take."""


def labelled_groups(y: Ints, groups: Ints | None, n_classes: int) -> tuple[Ints, Ints, Ints]:
    """Sort groups by what they hold.

    Args:
        y: class positions (n,).
        groups: group positions (n,), or None when every row is its own group.
        n_classes: K.

    Returns:
        The group of each row (n,), the kind of each group (G,), and the class counts of each kind (T, K);
        groups with equal counts are of one kind.
    """
    if groups is None:
        return np.arange(len(y)), y, np.eye(n_classes, dtype=np.int64)
    n_groups = int(groups.max()) + 1
    counts = np.bincount(groups * n_classes + y, minlength=n_groups * n_classes).reshape(n_groups, n_classes)
    kinds, kind = np.unique(counts, axis=0, return_inverse=True)
    return groups, kind.reshape(-1).astype(np.int64), kinds.astype(np.int64)


def deal(
    kind: Ints, counts: Ints, shares: Floats, rng: np.random.Generator, *, held_out: NDArray[np.bool_]
) -> Ints:
    """Deal groups into parts.

    Kinds are dealt one after the other, the largest groups first. Most groups of a kind are dealt at once, in
    proportion to what the parts still need of its classes and of rows; the few that do not come out even go one
    by one to where they bring the counts nearest to the shares.

    Args:
        kind: kind of each group (G,).
        counts: class counts of each kind (T, K).
        shares: the share of all rows each part should get (B,), summing to one.
        rng: shuffles groups of one kind.
        held_out: which parts must leave every class to the others (B,).

    Returns:
        The part of each group (G,), `ALWAYS_TRAIN` for groups no held-out part may take.
    """
    shuffled = rng.permutation(len(kind))
    by_kind = shuffled[np.argsort(kind[shuffled], kind="stable")]
    sizes = np.bincount(kind, minlength=len(counts))
    starts = np.cumsum(sizes) - sizes
    # rows count as one more class, so that parts come out equally large
    totals = np.maximum(np.append(sizes @ counts, sizes @ counts.sum(axis=1)), 1)
    weight = np.column_stack([counts, counts.sum(axis=1)]) / totals
    part = np.full(len(kind), ALWAYS_TRAIN, dtype=np.int64)
    held = np.zeros((len(shares), weight.shape[1]))
    places = rng.permutation(len(shares))  # so that ties do not always favour the first part
    for number in np.argsort(-weight.max(axis=1), kind="stable"):
        groups, more = by_kind[starts[number] : starts[number] + sizes[number]], weight[number]
        at_once = _at_once(len(groups), held, more, shares)
        part[groups[: at_once.sum()]] = np.repeat(np.arange(len(shares)), at_once)
        held += at_once[:, None] * more
        for group in groups[at_once.sum() :]:
            part[group] = _best(held, more, shares, held_out, places)
            if part[group] != ALWAYS_TRAIN:
                held[part[group]] += more
    return part


def _at_once(n: int, held: Floats, more: Floats, shares: Floats) -> Ints:
    """How many of `n` equal groups each part gets without looking closer: all but about one a part."""
    need = np.maximum(np.where(more > 0, shares[:, None] - held, 0).sum(axis=1), 0)
    need = shares if not need.any() else need / need.sum()
    return np.maximum(np.floor(n * need + 1e-9).astype(np.int64) - (need > shares), 0)


def _best(held: Floats, more: Floats, shares: Floats, held_out: NDArray[np.bool_], places: Ints) -> int:
    """The part that a group brings nearest to its share, among those that may take it."""
    takes_last = (held[:, :-1] + more[:-1] >= 1 - 1e-9) & (more[:-1] > 0)
    allowed = ~(held_out & takes_last.any(axis=1))
    if not allowed.any():
        return ALWAYS_TRAIN
    gap = held - shares[:, None]
    cost = np.where(more > 0, (gap + more) ** 2 - gap**2, 0).sum(axis=1) / shares
    ranked = [place for place in places.tolist() if allowed[place]]
    return int(min(ranked, key=lambda place: round(float(cost[place]), 12)))
