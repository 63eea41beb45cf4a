"""The last step: what a kind of learner wants its features to look like."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["ForLinear", "ForTrees"]

Array: TypeAlias = NDArray[Any]
EXACT = 2.0**24  # float32 holds every whole number up to here
LARGEST = float(np.finfo(np.float32).max)


class ForTrees:
    """Features as they are: missing stays NaN, infinities move just outside the training range.

    Large features close together, which float32 cannot tell apart, are counted from their smallest value.
    """

    def learn(self, values: Array, names: list[str], _measured: Any) -> Array:
        """Learn ranges, and which features vary; return the finished training rows."""
        low, high = _finite_range(values)
        largest = np.maximum(abs(low), abs(high))
        with np.errstate(over="ignore"):
            reach = np.maximum(high - low, 1)
            self.offset_ = np.where((largest >= EXACT) & (reach < largest / 2), low, 0)
            self.below_, self.above_ = low - reach - self.offset_, high + reach - self.offset_
        self.kept_ = np.ones(values.shape[1], dtype=bool)
        finished = self.read(values)
        self.kept_ = _varies(finished)
        self.names_ = [name for name, kept in zip(names, self.kept_, strict=True) if kept]
        return finished[:, self.kept_]

    def read(self, values: Array) -> NDArray[np.float32]:
        """The finished features (n, kept)."""
        if not self.kept_.all():
            values = values[:, self.kept_]
        offset, below, above = self.offset_[self.kept_], self.below_[self.kept_], self.above_[self.kept_]
        with np.errstate(over="ignore"):
            moved = values - offset
        endless = np.isinf(moved)
        if endless.any():
            moved = np.where(endless, np.where(moved > 0, above, below), moved)
        return np.asarray(np.clip(moved, -LARGEST, LARGEST), dtype=np.float32)


class ForLinear:
    """Features without gaps on one scale.

    Measures get their median where missing, and a 0/1 feature that says so when training rows had gaps (one
    for measures that are missing together). Then z = (x - median) / scale becomes z / sqrt(1 + (z / bound)²),
    which leaves the middle as it is and bends the tails towards ±`bound`. The scale is the standard deviation
    of the values cut at their 0.5 % and 99.5 % quantiles (of all values when the cut ones are all the same).
    Other features pass.
    """

    bound = 4.0

    def learn(self, values: Array, names: list[str], measured: Any) -> Array:
        """Learn medians, scales and gaps; return the finished training rows."""
        self.measured_: Array = np.full(values.shape[1], measured)
        measures = values[:, self.measured_]
        self.gaps_ = _distinct_gaps(np.isnan(measures))
        self.center_, self.scale_ = _center_and_scale(measures)
        own = [names[i] for i in np.flatnonzero(self.measured_)]
        rest = [names[i] for i in np.flatnonzero(~self.measured_)]
        marks = [f"{name}_missing" for name, gap in zip(own, self.gaps_, strict=True) if gap]
        every = [*rest, *own, *marks]
        self.kept_ = np.ones(len(every), dtype=bool)
        finished = self.read(values)
        self.kept_ = _varies(finished)
        self.names_ = [name for name, kept in zip(every, self.kept_, strict=True) if kept]
        return finished[:, self.kept_]

    def read(self, values: Array) -> NDArray[np.float32]:
        """The finished features (n, kept)."""
        measures = values[:, self.measured_]
        missing = np.isnan(measures)
        with np.errstate(over="ignore"):
            z = np.where(missing, 0, measures - self.center_) / self.scale_
        z = np.clip(z, -1e9, 1e9)
        squashed = z / np.sqrt(1 + (z / self.bound) ** 2)
        parts = [values[:, ~self.measured_], squashed, missing[:, self.gaps_]]
        return np.hstack([part.astype(np.float32, copy=False) for part in parts])[:, self.kept_]


def _finite_range(values: Array) -> tuple[Array, Array]:
    finite = np.isfinite(values)
    some = finite.any(axis=0)
    low = np.where(finite, values, np.inf).min(axis=0)
    high = np.where(finite, values, -np.inf).max(axis=0)
    return np.where(some, low, 0.0), np.where(some, high, 0.0)


def _varies(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    missing = np.isnan(values)
    varies = (values != values[0]).any(axis=0) & ~missing.all(axis=0)
    return np.asarray(varies)


def _distinct_gaps(missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which columns have gaps that no column before them has at the very same rows."""
    _, first = np.unique(np.packbits(missing, axis=0), axis=1, return_index=True)
    return missing.any(axis=0) & np.isin(np.arange(missing.shape[1]), first)


def _center_and_scale(values: Array) -> tuple[Array, Array]:
    center, scale = np.zeros(values.shape[1]), np.ones(values.shape[1])
    for j, column in enumerate(values.T):
        known = column[np.isfinite(column)]
        if known.size:
            low, center[j], high = np.percentile(known, [0.5, 50, 99.5])
            with np.errstate(over="ignore", invalid="ignore"):
                spreads = [float(np.clip(known, low, high).std()), float(known.std()), abs(center[j])]
            least = 1e-9 * max(abs(low), abs(high))  # below lies only what rounding leaves of a constant
            scale[j] = next((spread for spread in spreads if least < spread < np.inf), 1)
    return center, scale
