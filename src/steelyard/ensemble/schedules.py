"""How many rows of each class a member sees, round by round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, UsageError

__all__ = ["BalancingSchedule", "balancing", "progressive", "uniform"]

BalancingSchedule: TypeAlias = Callable[[Floats, Floats, int, int], ArrayLike]
"""(origin (K,), target (K,), round i, rounds T) -> rows of each class (K,)."""

Target: TypeAlias = int | Mapping[Any, int] | None
"""Rows of every class, or of some by their label; None leaves it to the method."""


def uniform(_origin: Floats, target: Floats, _i: int, _n: int) -> Floats:
    """The target in every round.

    >>> uniform(np.array([900.0, 100.0]), np.array([100.0, 100.0]), 0, 5).tolist()
    [100.0, 100.0]
    """
    return np.asarray(target, dtype=float)


def progressive(origin: Floats, target: Floats, i: int, n: int) -> Floats:
    """From all rows in the first round to the target in the last: ceil(origin (1 − q) + target q).

    Here q = i / (n − 1), and q = 1 if there is one round only.

    >>> [progressive(np.array([900.0, 100.0]), np.array([100.0, 100.0]), i, 5).tolist() for i in (0, 1, 4)]
    [[900.0, 100.0], [700.0, 100.0], [100.0, 100.0]]
    """
    q = i / (n - 1) if n > 1 else 1.0
    # without the small step down, rounding noise would turn 100.00000000000001 into 101
    return np.asarray(np.ceil(np.asarray(origin) * (1 - q) + np.asarray(target) * q - 1e-10))


NAMED: dict[str, BalancingSchedule] = {"uniform": uniform, "progressive": progressive}


def balancing(schedule: str | BalancingSchedule) -> BalancingSchedule:
    """A schedule by its name ("uniform", "progressive"), or the callable itself.

    Raises:
        UsageError: neither a known name nor callable.

    >>> balancing("uniform") is uniform
    True
    """
    if callable(schedule):
        return schedule
    if schedule in NAMED:
        return NAMED[schedule]
    raise UsageError(
        f"balancing_schedule={schedule!r} came, expected 'uniform', 'progressive' or a function of "
        "(origin, target, round, rounds); pass one of them"
    )


def planned(schedule: BalancingSchedule, origin: Floats, target: Floats, i: int, n: int) -> Floats:
    """The schedule's counts of round `i`, checked: one positive, finite number a class."""
    counts: Any = np.asarray(schedule(origin, target, i, n), dtype=float)
    if counts.shape != origin.shape or not np.isfinite(counts).all() or (counts <= 0).any():
        raise UsageError(
            f"the balancing schedule gave {counts.tolist()!r} in round {i}, expected {len(origin)} positive "
            "counts, one a class; mend the schedule"
        )
    return np.asarray(counts)


def target_rows(target: Target, labels: list[Any], origin: Floats, default: ArrayLike) -> Floats:
    """How many rows of each class a member is to see (K,); classes a mapping leaves out keep their size."""
    if target is None:
        return np.full(len(labels), default, dtype=float)
    if isinstance(target, Mapping):
        if unknown := [label for label in target if label not in labels]:
            raise UsageError(f"target names the label {unknown[0]!r}; the labels here are {labels}")
        wanted = [target.get(label, size) for label, size in zip(labels, origin.tolist(), strict=True)]
    else:
        wanted = [target] * len(labels)
    for count in wanted:
        if isinstance(count, bool) or not isinstance(count, int | float | np.number) or not count >= 1:
            raise UsageError(
                f"target={target!r} came, expected a number of rows of at least 1, or one a label"
            )
    return np.array(wanted, dtype=float)
