"""What the samplers for regression share: rare and normal ranges of a numeric target, and their sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state, column_or_1d

from steelyard.core import DataError, Floats, Prior, UsageError
from steelyard.data import Relevance
from steelyard.resample.base import BaseSampler
from steelyard.resample.containers import written_like
from steelyard.resample.plan import Ints, Made, Plan
from steelyard.resample.strategy import Kind

__all__ = ["Amount", "RegressionSampler", "check_spread"]

Amount: TypeAlias = str | Sequence[float]


class RegressionSampler(BaseSampler):
    """The frame of every sampler for numeric targets.

    Sorted by target the rows fall into ranges ("bumps"): rare where the relevance reaches `threshold`, normal
    elsewhere. `sampling_strategy` says how many rows each range ends with: "balance" (all ranges alike),
    "extreme" (as far apart as before, the other way round), or one factor a range, ascending.

    After `fit_resample`: `relevance_` (the curve), `ranges_` (the range of every row in) and `factors_`;
    `prior_` counts "normal" and "rare" rows out.
    """

    _sampling_type: ClassVar[Kind] = "over-sampling"
    relevance: Any
    threshold: float
    random_state: Any

    def _check_options(self) -> None:
        if not 0 < self.threshold <= 1:
            raise UsageError(
                f"threshold={self.threshold!r} was given, expected a relevance above 0 and up to 1"
            )
        if isinstance(self.sampling_strategy, str) and self.sampling_strategy not in ("balance", "extreme"):
            raise UsageError(
                f"sampling_strategy={self.sampling_strategy!r} was given, expected 'balance', 'extreme' or one "
                "factor a range of the target"
            )

    def _labels(self, y: Any) -> NDArray[Any]:
        given = np.asarray(column_or_1d(y))
        try:
            return given.astype(float)
        except ValueError as error:
            raise DataError(
                "the target holds something else than numbers; samplers for classes take labels"
            ) from error

    def _read_targets(self, labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        self.relevance_ = self._curve(labels)
        self.ranges_: Ints = ranges(labels, self._rare(labels))
        return labels, np.empty(0)

    def _write_targets(self, y: Any, names: NDArray[Any], codes: NDArray[Any]) -> Any:  # noqa: ARG002 - no classes here
        whole = np.asarray(y).dtype.kind in "iub"
        return written_like(y, np.rint(codes) if whole else codes)

    def _count(self, codes: NDArray[Any], names: NDArray[Any], weight: Floats | None) -> Prior:  # noqa: ARG002
        counts = np.bincount(self._rare(codes).astype(int), weights=weight, minlength=2)
        return Prior(("normal", "rare"), counts.astype(float), "binary")

    def _curve(self, y: NDArray[Any]) -> Relevance:
        if self.relevance is None:
            return Relevance.of_extremes(y)
        given: ArrayLike = self.relevance
        return given if isinstance(given, Relevance) else Relevance.through(given)

    def _rare(self, y: NDArray[Any]) -> NDArray[np.bool_]:
        return np.asarray(self.relevance_(y) >= self.threshold)

    def _plan(self, X: Any, y: NDArray[Any]) -> Plan:
        random_state = check_random_state(self.random_state)
        count = int(self.ranges_.max()) + 1
        members = [np.flatnonzero(self.ranges_ == i) for i in range(count)]
        rare = np.array([bool(self._rare(y[rows[:1]])[0]) for rows in members])
        if rare.all() or not rare.any():
            raise DataError(
                f"every target value is {'rare' if rare.all() else 'normal'} at threshold {self.threshold:g}; "
                "give control points with relevance= or move the threshold"
            )
        self.factors_ = self._factors(np.array([len(rows) for rows in members]), rare)
        kept, repeated, parts = [], [], []
        for rows, factor in zip(members, self.factors_.tolist(), strict=True):
            if factor < 1:
                left = random_state.choice(rows, size=_whole(factor * len(rows)), replace=False)
                kept.append(left)
                continue
            kept.append(rows)
            starts = _starts(rows, factor, random_state)
            made = self._grow(X, y, rows, starts, random_state) if len(starts) else None
            if made is None:
                repeated.append(starts)
            else:
                parts.append(made)
        new = Made.joined(parts)
        order = [
            np.sort(np.concatenate(kept)),
            *repeated,
            np.arange(0 if new is None else len(new.codes)) + len(y),
        ]
        return Plan(len(y), np.concatenate(order).astype(np.int64), new)

    def _grow(
        self, X: Any, y: NDArray[Any], rows: Ints, starts: Ints, random_state: np.random.RandomState
    ) -> Made | None:
        """Rows made from `starts`, which lie in the range `rows`; None repeats them."""
        raise NotImplementedError

    def _factors(self, sizes: Ints, rare: NDArray[np.bool_]) -> Floats:  # noqa: ARG002 - others need it
        """By how much every range grows or shrinks."""
        if not isinstance(self.sampling_strategy, str):
            return self._given(len(sizes))
        mean = round(sizes.sum() / len(sizes))
        if self.sampling_strategy == "balance":
            return np.asarray(mean / sizes)
        mirrored = mean**2 / sizes
        return np.asarray(mirrored * (len(sizes) * mean / mirrored.sum()) / sizes)

    def _given(self, count: int) -> Floats:
        factors = np.asarray(self.sampling_strategy, dtype=float)
        if factors.shape != (count,) or not (factors >= 0).all():
            raise UsageError(
                f"sampling_strategy holds {factors.size} factors, the target falls into {count} ranges; "
                "give one number of at least 0 for each, ascending"
            )
        return factors


def ranges(y: NDArray[Any], rare: NDArray[np.bool_]) -> Ints:
    """The range every row lies in, counted from the smallest target (n,).

    >>> ranges(np.array([5.0, 1.0, 9.0, 4.0]), np.array([False, True, True, False])).tolist()
    [1, 0, 2, 1]
    """
    order = np.argsort(y, kind="stable")
    turns = np.diff(rare[order].astype(int)) != 0
    found = np.empty(len(y), dtype=np.int64)
    found[order] = np.concatenate([[0], np.cumsum(turns)])
    return found


def check_spread(value: Any, name: str) -> float:
    """A share of a standard deviation as a number of at least 0, or a UsageError.

    >>> check_spread(0.1, "spread")
    0.1
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not value >= 0:
        raise UsageError(f"{name}={value!r} was given, expected a number of at least 0, such as 0.1")
    return float(value)


def _starts(rows: Ints, factor: float, random_state: np.random.RandomState) -> Ints:
    """Every row as often as whole rows are wanted of it, and some at random for the rest."""
    each = int(factor - 1)
    some = random_state.choice(rows, size=_whole(len(rows) * (factor - 1 - each)), replace=False)
    return np.concatenate([np.repeat(rows, each), some]).astype(np.int64)


def _whole(count: float) -> int:
    return int(count + 1e-9)
