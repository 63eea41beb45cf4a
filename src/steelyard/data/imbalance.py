"""Make a data set imbalanced on purpose: class profiles, and the rows that realise them.

Everything returns positions of rows, never copies, so that one balanced data set serves many experiments.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, Prior, Seed, TooFewSamples, UsageError, generator

__all__ = [
    "Profile",
    "dirichlet",
    "exponential",
    "linear",
    "make_imbalanced",
    "named_profile",
    "reverse",
    "step",
    "to_ratio",
]

Profile: TypeAlias = Callable[[Prior, np.random.Generator], Floats]
"""The rows wanted of each class, in the order of `Prior.labels`; it may ask for less than there are, never more."""

SLACK = 1e-9
"""Keeps 50.00000000000001 rows from being 50 and 49.99999999999999 from being 49."""


def make_imbalanced(
    y: ArrayLike,
    profile: Profile | Mapping[Hashable, int],
    *,
    order: Sequence[Hashable] | None = None,
    seed: Seed = 0,
) -> NDArray[np.int64]:
    """Choose rows at random so that the classes occur as a profile wants.

    When to use it: to study how a method behaves as imbalance grows, on data whose answer is known.

    Args:
        y: labels (n,).
        profile: `exponential(100)`, `step(50)`, … or a mapping from label to the number of rows to keep;
            labels a mapping leaves out lose all their rows.
        order: the classes from head to tail; by default in sorted order, as the literature has it.
        seed: an int, Generator or RandomState.

    Returns:
        Positions into `y`, ascending.

    Raises:
        TooFewSamples: a class has fewer rows than wanted.
        UsageError: `order` or the mapping does not fit the classes.

    >>> y = np.repeat([0, 1, 2], 100)
    >>> np.bincount(y[make_imbalanced(y, exponential(25))]).tolist()
    [100, 20, 4]
    >>> np.bincount(y[make_imbalanced(y, {0: 50, 2: 3})]).tolist()
    [50, 0, 3]
    """
    labels = np.asarray(y)
    prior = Prior.of(labels)
    if order is not None:
        if {*order} != {*prior.labels} or len(order) != prior.n_classes:
            raise UsageError(f"order holds {list(order)[:10]!r}, the classes are {list(prior.labels)[:10]!r}")
        prior = Prior.of(labels, labels=order)
    rng = generator(seed)
    wanted = _counts(prior, profile, rng)
    codes = prior.encode(labels)
    kept = []
    for code, count in enumerate(wanted):
        rows = np.flatnonzero(codes == code)
        if count > len(rows):
            raise TooFewSamples(
                f"class {prior.labels[code]!r} has {len(rows)} rows, the profile wants {count}; ask for fewer"
            )
        kept.append(rng.choice(rows, size=count, replace=False))
    return np.sort(np.concatenate(kept)).astype(np.int64)


def exponential(ratio: float) -> Profile:
    r"""Counts that fall by a constant factor from class to class: :math:`n_k = n_0\, \rho^{-k/(K-1)}`.

    The usual long tail (Cui et al. 2019); the head is as large as the rows allow, counts are rounded down.

    >>> y = np.repeat(np.arange(10), 5000)
    >>> np.bincount(y[make_imbalanced(y, exponential(100))]).tolist()
    [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
    """
    return _falling(ratio, lambda places: ratio**-places)


def linear(ratio: float) -> Profile:
    """Counts that fall by a constant amount from the head to head / ratio.

    >>> y = np.repeat(np.arange(4), 100)
    >>> np.bincount(y[make_imbalanced(y, linear(10))]).tolist()
    [100, 70, 40, 10]
    """
    return _falling(ratio, lambda places: 1 - places * (1 - 1 / ratio))


def step(ratio: float, *, minority: float = 0.5) -> Profile:
    """Two kinds of classes: the last `minority` share of them has head / ratio rows each (Buda et al. 2018).

    >>> y = np.repeat(np.arange(4), 100)
    >>> np.bincount(y[make_imbalanced(y, step(20))]).tolist()
    [100, 100, 5, 5]
    """
    if not 0 < minority < 1:
        raise UsageError(f"minority is {minority}, expected a share of the classes between 0 and 1")
    return _falling(ratio, lambda places: np.where(_ranks(places) < (1 - minority), 1.0, 1 / ratio))


def reverse(profile: Profile) -> Profile:
    """The same profile from tail to head: the last class becomes the commonest.

    When to use it: to test a model trained on a long tail under the opposite class frequencies (SADE).

    >>> y = np.repeat([0, 1, 2], 100)
    >>> np.bincount(y[make_imbalanced(y, reverse(exponential(25)))]).tolist()
    [4, 20, 100]
    """

    def profiled(prior: Prior, rng: np.random.Generator) -> Floats:
        turned = Prior(prior.labels[::-1], prior.counts[::-1], prior.kind)
        return np.asarray(profile(turned, rng)[::-1])

    return profiled


def to_ratio(ratio: float) -> Profile:
    """Bring largest / smallest class to `ratio` by removing as few kinds of rows as possible.

    A larger ratio than there is cuts the rarest class alone; a smaller one cuts the larger classes down.

    >>> y = np.repeat([0, 1], [900, 100])
    >>> np.bincount(y[make_imbalanced(y, to_ratio(45))]).tolist()
    [900, 20]
    >>> np.bincount(y[make_imbalanced(y, to_ratio(3))]).tolist()
    [300, 100]
    """
    _check_ratio(ratio)

    def profiled(prior: Prior, rng: np.random.Generator) -> Floats:  # noqa: ARG001 - a Profile draws if it likes
        counts = prior.counts.copy()
        if ratio >= prior.imbalance_ratio:
            counts[prior.labels.index(prior.rarest)] = counts.max() / ratio
            return counts
        return np.asarray(np.minimum(counts, counts.min() * ratio))

    return profiled


def dirichlet(concentration: float) -> Profile:
    r"""Class shares drawn from a symmetric Dirichlet: small concentrations give wild imbalance, large ones none.

    When to use it: to average a result over many imbalances instead of one chosen shape. The largest total
    that the rows allow is used; a class may come out empty.

    >>> y = np.repeat([0, 1, 2], 1000)
    >>> rows = make_imbalanced(y, dirichlet(1.0), seed=3)
    >>> bool(np.bincount(y[rows]).max() == 1000)
    True
    """
    if not concentration > 0:
        raise UsageError(f"concentration is {concentration}, expected a positive number")

    def profiled(prior: Prior, rng: np.random.Generator) -> Floats:
        return _largest(prior, rng.dirichlet(np.full(prior.n_classes, concentration)))

    return profiled


def named_profile(text: str) -> Profile:
    """The profile a text asks for: "exponential:100" or "exp:100", "step:50", "linear:10"; "reverse-…" turns it.

    >>> y = np.repeat([0, 1, 2], 100)
    >>> np.bincount(y[make_imbalanced(y, named_profile("reverse-exp:25"))]).tolist()
    [4, 20, 100]
    """
    kind, _, number = text.strip().lower().partition(":")
    plain = kind.removeprefix("reverse-")
    try:
        make, ratio = PROFILES[plain], float(number)
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"the imbalance is {text!r}, expected a profile and largest / smallest class, such as exponential:100 or "
            "step:50"
        ) from error
    return make(ratio) if plain == kind else reverse(make(ratio))


def _falling(ratio: float, shape: Callable[[Floats], Floats]) -> Profile:
    """A profile from relative sizes at places 0..1 between the first class and the last."""
    _check_ratio(ratio)

    def profiled(prior: Prior, rng: np.random.Generator) -> Floats:  # noqa: ARG001 - a Profile draws if it likes
        if prior.n_classes < 2:
            raise UsageError("one class cannot be imbalanced; pass labels of at least two")
        return _largest(prior, np.asarray(shape(np.linspace(0, 1, prior.n_classes)), dtype=float))

    return profiled


def _ranks(places: Floats) -> Floats:
    return np.arange(len(places)) / len(places)


def _largest(prior: Prior, shares: Floats) -> Floats:
    """Counts in proportion to `shares`, as large as the rows allow."""
    asked = shares > 0
    return np.asarray(shares * (prior.counts[asked] / shares[asked]).min())


def _check_ratio(ratio: float) -> None:
    if not (np.isfinite(ratio) and ratio >= 1):
        raise UsageError(f"ratio is {ratio}, expected a number from 1 on (largest class / smallest class)")


def _counts(
    prior: Prior, profile: Profile | Mapping[Hashable, int], rng: np.random.Generator
) -> NDArray[np.int64]:
    if callable(profile):
        return np.floor(profile(prior, rng) + SLACK).astype(np.int64)
    unknown = [label for label in profile if label not in prior.labels]
    if unknown:
        raise UsageError(
            f"the profile names class {unknown[0]!r}, the labels are {list(prior.labels)[:10]!r}"
        )
    return np.array([profile.get(label, 0) for label in prior.labels], dtype=np.int64)


PROFILES: dict[str, Callable[[float], Profile]] = {
    "exponential": exponential,
    "exp": exponential,
    "linear": linear,
    "step": step,
}
