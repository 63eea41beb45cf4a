"""How many rows of which class: imbalanced-learn's `sampling_strategy` in all its forms."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from steelyard.core import DataError, UsageError

__all__ = ["Kind", "Strategy", "sampling_targets", "targets_of"]

Kind: TypeAlias = Literal["over-sampling", "under-sampling", "clean-sampling"]
Rule: TypeAlias = Callable[[NDArray[Any]], Mapping[Any, int]]
Strategy: TypeAlias = str | float | Mapping[Any, int] | list[Any] | Rule

WORDS = ("auto", "minority", "majority", "not minority", "not majority", "all")


def sampling_targets(strategy: Strategy, y: NDArray[Any], kind: Kind) -> dict[Hashable, int]:
    """Turn a strategy into rows per targeted class, sorted by class.

    When to use it: inside a sampler, or to see what a strategy means on some labels. Over-sampling gets the
    rows to add, under-sampling the rows to leave, cleaning the classes it may take rows from.

    A word names the classes (`"minority"`, `"majority"`, `"not minority"`, `"not majority"`, `"all"`;
    `"auto"` is `"not majority"` when rows are added, `"not minority"` otherwise). A number is the wanted
    ratio minority / majority of two classes. A mapping gives the wanted rows of each class, a list the
    classes to clean, a callable takes `y` and returns a mapping.

    Args:
        strategy: one of the forms above.
        y: labels (n,).
        kind: "over-sampling", "under-sampling" or "clean-sampling".

    Raises:
        DataError: `y` holds a single class.
        UsageError: the strategy does not fit the kind or the labels.

    >>> y = np.array(["a"] * 6 + ["b"] * 2 + ["c"] * 3)
    >>> sampling_targets("auto", y, "over-sampling")
    {'b': 4, 'c': 3}
    >>> sampling_targets({"a": 3}, y, "under-sampling")
    {'a': 3}
    >>> sampling_targets(["c"], y, "clean-sampling")
    {'c': 2}
    """
    labels, _, numbers = classes_of(y)
    counts = dict(zip(labels.tolist(), numbers.tolist(), strict=True))
    return targets_of(dict(strategy(y)) if callable(strategy) else strategy, counts, kind)


def classes_of(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """The classes in order (K,), the position of each row's among them (n,), and how many rows each has (K,).

    >>> [part.tolist() for part in classes_of(np.array([7, 5, 7]))]
    [[5, 7], [1, 0, 1], [1, 2]]
    """
    if y.dtype.kind in "iu" and len(y):
        low = y.min()
        if int(y.max()) - int(low) < len(y):  # close together: counted without sorting
            shifted = y.astype(np.int64) - low.astype(np.int64)
            counts = np.bincount(shifted)
            found = np.flatnonzero(counts)
            place = np.empty(len(counts), dtype=np.int64)
            place[found] = np.arange(len(found))
            return (found + low.astype(np.int64)).astype(y.dtype), place[shifted], counts[found]
    names, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    return names, codes.astype(np.int64), counts


def targets_of(
    strategy: str | float | Mapping[Any, int] | list[Any], counts: dict[Hashable, int], kind: Kind
) -> dict[Hashable, int]:
    """`sampling_targets` when the rows of every class have been counted already; no callables.

    >>> targets_of("auto", {"a": 6, "b": 2}, "over-sampling")
    {'b': 4}
    """
    if len(counts) < 2:
        raise DataError(
            f"the labels hold {len(counts)} class, resampling needs at least two; "
            "pass rows of every class you want to balance"
        )
    found = _read(strategy, counts, kind)
    return {label: int(found[label]) for label in counts if label in found}


def _read(strategy: Any, counts: dict[Hashable, int], kind: Kind) -> Mapping[Any, int]:
    if isinstance(strategy, str):
        return _from_word(strategy, counts, kind)
    if isinstance(strategy, Mapping):
        return _from_mapping(strategy, counts, kind)
    if isinstance(strategy, list | tuple | np.ndarray):
        return _from_list(list(strategy), counts, kind)
    if isinstance(strategy, float | int | np.floating) and not isinstance(strategy, bool):
        return _from_ratio(float(strategy), counts, kind)
    raise UsageError(
        f"sampling_strategy={strategy!r} is a {type(strategy).__name__}, expected a word of {list(WORDS)}, "
        "a ratio, a mapping, a list of classes or a callable"
    )


def _from_word(word: str, counts: dict[Hashable, int], kind: Kind) -> dict[Hashable, int]:
    over = kind == "over-sampling"
    if word not in WORDS:
        raise UsageError(f"sampling_strategy={word!r} is unknown, expected one of {list(WORDS)}")
    if word == ("majority" if over else "minority"):
        raise UsageError(f"sampling_strategy={word!r} makes no sense for {kind}; use 'auto' or a mapping")
    most, fewest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    chosen = {
        "auto": {label for label in counts if label != (most if over else fewest)},
        "minority": {fewest},
        "majority": {most},
        "not minority": set(counts) - {fewest},
        "not majority": set(counts) - {most},
        "all": set(counts),
    }[word]
    return {
        label: counts[most] - n if over else counts[fewest] for label, n in counts.items() if label in chosen
    }


def _from_mapping(wanted: Mapping[Any, int], counts: dict[Hashable, int], kind: Kind) -> dict[Hashable, int]:
    if kind == "clean-sampling":
        raise UsageError(
            "a cleaning sampler got a mapping of classes to numbers, it decides the numbers itself; "
            "pass the list of classes it may take rows from"
        )
    _known(set(wanted), counts)
    over = kind == "over-sampling"
    for label, n in wanted.items():
        if n < 0 or (n < counts[label] if over else n > counts[label]):
            bound = "at least" if over else "at most"
            raise UsageError(
                f"sampling_strategy asks for {n} rows of class {label!r} which has {counts[label]}; "
                f"{kind} can leave {bound} that number"
            )
    return {label: n - counts[label] if over else n for label, n in wanted.items()}


def _from_list(classes: list[Any], counts: dict[Hashable, int], kind: Kind) -> dict[Hashable, int]:
    if kind != "clean-sampling":
        raise UsageError(
            f"{kind} got a list of classes, it needs to know how many rows; pass a mapping of class to rows"
        )
    _known(set(classes), counts)
    return {label: min(counts.values()) for label in classes}


def _from_ratio(ratio: float, counts: dict[Hashable, int], kind: Kind) -> dict[Hashable, int]:
    if kind == "clean-sampling" or len(counts) != 2 or not 0 < ratio <= 1:
        raise UsageError(
            f"sampling_strategy={ratio!r} came for {kind} of {len(counts)} classes; a ratio in (0, 1] works "
            "for two classes and when rows are added or drawn, pass a mapping or a word otherwise"
        )
    most, fewest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    if kind == "over-sampling":
        added = {label: int(counts[most] * ratio - n) for label, n in counts.items() if label != most}
        if min(added.values()) <= 0:
            raise UsageError(f"the ratio {ratio!r} is already reached, so no row is to be added; raise it")
        return added
    left = {label: int(counts[fewest] / ratio) for label in counts if label != fewest}
    if any(n > counts[label] for label, n in left.items()):
        raise UsageError(f"the ratio {ratio!r} would need more majority rows than there are; raise it")
    return left


def _known(asked: set[Any], counts: dict[Hashable, int]) -> None:
    unknown = asked - set(counts)
    if unknown:
        raise UsageError(
            f"sampling_strategy names the classes {sorted(map(repr, unknown))}, the labels hold "
            f"{list(counts)[:10]!r}; name classes that occur"
        )
