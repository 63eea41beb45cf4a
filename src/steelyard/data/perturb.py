"""Damage labels or shift class frequencies on purpose, as positions and new labels, never copies of rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, Prior, Seed, TooFewSamples, UsageError, generator

__all__ = ["LabelFlips", "label_noise", "shift_prior"]


class LabelFlips(NamedTuple):
    """Rows whose labels are to be changed, and what to."""

    rows: NDArray[np.int64]
    labels: NDArray[Any]


def label_noise(
    y: ArrayLike,
    rate: float | Mapping[Hashable, float],
    *,
    towards: ArrayLike | None = None,
    seed: Seed = 0,
) -> LabelFlips:
    """Choose rows whose labels become wrong.

    When to use it: to see how much a method suffers from label errors; flip training rows only.

    Of each class exactly `round(rate * rows)` rows are flipped, to another class at random.

    Args:
        y: labels (n,).
        rate: the share of rows to flip, for all classes or as label -> share (others stay clean), such as
            `{"fraud": 0.2}` for noise on the minority alone.
        towards: a matrix (K, K) in the order of sorted labels: row k says where flipped rows of class k go
            (the diagonal is ignored); by default all other classes alike.
        seed: an int, Generator or RandomState.

    Returns:
        The rows, ascending, and their new labels: `noisy = y.copy(); noisy[flips.rows] = flips.labels`.

    Raises:
        UsageError: a rate outside 0..1, an unknown label, a matrix of another shape or without a way out.

    >>> y = np.array(["ok"] * 80 + ["fraud"] * 20)
    >>> flips = label_noise(y, {"fraud": 0.25})
    >>> y[flips.rows].tolist(), flips.labels.tolist()
    (['fraud', 'fraud', 'fraud', 'fraud', 'fraud'], ['ok', 'ok', 'ok', 'ok', 'ok'])
    """
    labels = np.asarray(y)
    prior = Prior.of(labels)
    ways = _ways(prior, towards)
    rng = generator(seed)
    codes = prior.encode(labels)
    rows, flipped = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for code, share in enumerate(_rates(prior, rate)):
        own = np.flatnonzero(codes == code)
        count = round(share * len(own))
        if count:
            if not ways[code].sum() > 0:
                raise UsageError(f"towards gives flipped rows of class {prior.labels[code]!r} nowhere to go")
            rows.append(rng.choice(own, size=count, replace=False))
            flipped.append(rng.choice(prior.n_classes, size=count, p=ways[code] / ways[code].sum()))
    chosen, new = np.concatenate(rows), np.concatenate(flipped)
    order = np.argsort(chosen)
    names = np.array(prior.labels, dtype=labels.dtype)
    return LabelFlips(chosen[order], names[new[order]])


def shift_prior(
    y: ArrayLike,
    target: ArrayLike | Mapping[Hashable, float],
    *,
    size: int | None = None,
    seed: Seed = 0,
) -> NDArray[np.int64]:
    """Choose rows so that the classes occur with given frequencies: a test part under prior shift.

    When to use it: to check that a model survives class frequencies other than those it was trained on; the
    rows within a class stay what they were.

    Args:
        y: labels (n,).
        target: the wanted class frequencies (K,) in sorted label order, or label -> frequency; they are
            scaled to sum to one.
        size: the number of rows; by default as many as the rows allow.
        seed: an int, Generator or RandomState.

    Returns:
        Positions into `y`, ascending, each at most once.

    Raises:
        TooFewSamples: a class has too few rows for `size`.
        UsageError: frequencies that are negative, all zero, or for unknown classes.

    >>> y = np.repeat([0, 1], [900, 100])
    >>> np.bincount(y[shift_prior(y, {0: 0.5, 1: 0.5})]).tolist()
    [100, 100]
    """
    labels = np.asarray(y)
    prior = Prior.of(labels)
    share = _shares(prior, target)
    asked = share > 0
    most = float((prior.counts[asked] / share[asked]).min())
    total = most if size is None else float(size)
    counts = _round_to(share * total, None if size is None else size)
    if (counts > prior.counts).any():
        short = int(np.flatnonzero(counts > prior.counts)[0])
        raise TooFewSamples(
            f"{size} rows at these frequencies need {counts[short]} of class {prior.labels[short]!r}, there are "
            f"{prior.counts[short]:g}; ask for at most {int(most)} rows"
        )
    rng = generator(seed)
    codes = prior.encode(labels)
    kept = [
        rng.choice(np.flatnonzero(codes == code), size=count, replace=False)
        for code, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(kept)).astype(np.int64)


def _rates(prior: Prior, rate: float | Mapping[Hashable, float]) -> Floats:
    if isinstance(rate, Mapping):
        _refuse_unknown(prior, rate)
        shares = np.array([float(rate.get(label, 0)) for label in prior.labels])
    else:
        shares = np.full(prior.n_classes, float(rate))
    if not ((shares >= 0) & (shares <= 1)).all():
        raise UsageError(f"rate is {rate}, expected shares between 0 and 1")
    return shares


def _ways(prior: Prior, towards: ArrayLike | None) -> Floats:
    k = prior.n_classes
    ways = np.ones((k, k)) if towards is None else np.array(towards, dtype=float)
    if ways.shape != (k, k) or not (ways >= 0).all():
        raise UsageError(f"towards has shape {ways.shape}, expected {k} × {k} numbers that are not negative")
    np.fill_diagonal(ways, 0)
    return ways


def _shares(prior: Prior, target: ArrayLike | Mapping[Hashable, float]) -> Floats:
    if isinstance(target, Mapping):
        _refuse_unknown(prior, target)
        target = [float(target.get(label, 0)) for label in prior.labels]
    share = np.asarray(target, dtype=float)
    if share.shape != prior.counts.shape or not ((share >= 0).all() and share.sum() > 0):
        raise UsageError(
            f"target is {target!r}, expected {prior.n_classes} frequencies that are not all zero nor negative"
        )
    return np.asarray(share / share.sum())


def _refuse_unknown(prior: Prior, named: Mapping[Hashable, float]) -> None:
    unknown = [label for label in named if label not in prior.labels]
    if unknown:
        raise UsageError(f"class {unknown[0]!r} does not occur; the labels are {list(prior.labels)[:10]!r}")


def _round_to(exact: Floats, total: int | None) -> NDArray[np.int64]:
    """Round down, then give what is missing to the largest remainders."""
    counts = np.floor(exact + 1e-9).astype(np.int64)
    if total is not None:
        late = np.argsort(-(exact - counts), kind="stable")[: total - int(counts.sum())]
        counts[late] += 1
    return counts
