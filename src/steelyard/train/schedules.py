"""What changes during training is a function of the epoch."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from steelyard.core import UsageError

__all__ = ["Schedule", "cosine", "deferred", "piecewise", "scheduled"]

T = TypeVar("T")


@dataclass(frozen=True)
class Schedule(Generic[T]):
    """A value that depends on the epoch, counted from 0: `schedule(epoch)`.

    A class of its own, so that a loss (which is callable too) is not taken for a schedule of losses.

    >>> Schedule(lambda epoch: 0.1 / (epoch + 1))(1)
    0.05
    """

    value: Callable[[int], T]

    def __call__(self, epoch: int) -> T:
        """The value in this epoch."""
        return self.value(epoch)


def scheduled(value: T | Schedule[T], epoch: int) -> T:
    """The value in an epoch, whether it changes or not.

    >>> scheduled(3, 7), scheduled(deferred(1, 2, at=5), 7)
    (3, 2)
    """
    return value(epoch) if isinstance(value, Schedule) else value


def deferred(first: T, then: T, *, at: int) -> Schedule[T]:
    """One value before epoch `at`, another from it on; with two losses or weightings, deferred re-weighting.

    Source: Cao et al. (2019), Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss.
    """
    return Schedule(lambda epoch: then if epoch >= at else first)


def piecewise(values: Sequence[T], starts: Sequence[int]) -> Schedule[T]:
    """`values[0]` from the beginning, `values[i + 1]` from epoch `starts[i]` on.

    >>> [piecewise([0.1, 0.01, 0.001], [2, 4])(epoch) for epoch in range(5)]
    [0.1, 0.1, 0.01, 0.01, 0.001]
    """
    if len(values) != len(starts) + 1 or sorted(starts) != list(starts):
        raise UsageError(
            f"{len(values)} values came with starts {list(starts)}; give one start less, in ascending order"
        )
    return Schedule(lambda epoch: values[bisect_right(starts, epoch)])


def cosine(peak: float, epochs: int, *, warmup: int = 0, floor: float = 0.0) -> Schedule[float]:
    r"""Up in a line during `warmup` epochs, then down along half a cosine to `floor`.

    The last epoch is trained at the floor; where it is to learn more, name one epoch more than there are.

    >>> [round(cosine(1.0, 5, warmup=1)(epoch), 2) for epoch in range(5)]
    [1.0, 1.0, 0.75, 0.25, 0.0]
    """

    def value(epoch: int) -> float:
        if epoch < warmup:
            return peak * (epoch + 1) / warmup
        share = min(1.0, (epoch - warmup) / max(1, epochs - 1 - warmup))
        return floor + (peak - floor) * (1 + math.cos(math.pi * share)) / 2

    return Schedule(value)
