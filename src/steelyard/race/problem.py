"""One table turned into a supervised problem: features, class positions, and who may be seen with whom."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError, Floats, Prior, TooFewSamples, UsageError
from steelyard.decide import RowCosts

__all__ = ["Columns", "Problem"]


@dataclass(frozen=True)
class Columns:
    """Which column plays which part."""

    target: str
    weight: str | None = None
    group: str | None = None
    time: str | None = None
    drop: tuple[str, ...] = ()

    def check(self, frame: pd.DataFrame) -> None:
        """Every named column must exist; the target may play no second part."""
        named = [self.target, self.weight, self.group, self.time, *self.drop]
        missing = [name for name in named if name is not None and name not in frame.columns]
        if missing:
            shown = ", ".join(map(repr, list(frame.columns)[:12]))
            raise UsageError(
                f"the table has no column {missing[0]!r}; its columns are {shown}; check the name"
            )
        if named.count(self.target) > 1:
            raise UsageError(
                f"column {self.target!r} is the target and cannot play a second part; choose another"
            )

    @property
    def not_features(self) -> set[str]:
        """Columns a learner must not see."""
        return {name for name in (self.target, self.weight, self.group, *self.drop) if name is not None}


@dataclass(frozen=True, eq=False)
class Problem:
    """Features and class positions with all that travels along a row.

    Attributes:
        X: features as a frame, array or sparse matrix (n rows).
        y: class positions (n,), 0..K-1; in binary problems 1 is the positive class.
        labels: the K labels in position order.
        sample_weight, groups, time, costs: aligned with the rows, or None.
        notes: what was done to the rows on the way, in sentences.
    """

    X: Any
    y: NDArray[np.int64]
    labels: tuple[Hashable, ...]
    sample_weight: Floats | None = None
    groups: NDArray[Any] | None = None
    time: NDArray[Any] | None = None
    costs: RowCosts | None = None
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of_table(cls, frame: pd.DataFrame, columns: Columns, *, positive: str | None = None) -> Problem:
        """Take a whole table apart into features, target and companions."""
        columns.check(frame)
        notes: list[str] = []
        known = frame[columns.target].notna().to_numpy()
        if not known.all():
            notes.append(f"{int((~known).sum())} rows without a target value were left out")
            frame = frame.loc[known].reset_index(drop=True)
        if not len(frame):
            raise TooFewSamples(f"no row has a value in {columns.target!r}; choose another target")
        features = frame.drop(columns=[name for name in frame.columns if name in columns.not_features])
        if not features.shape[1]:
            raise DataError("no feature column is left beside the target; give a table with features")
        problem = cls.of_arrays(features, plain_labels(frame[columns.target]), positive=positive)
        return replace(
            problem,
            sample_weight=_weights(frame, columns.weight),
            groups=_group_codes(frame, columns.group),
            time=_times(frame, columns.time),
            notes=tuple(notes),
        )

    @classmethod
    def of_arrays(
        cls,
        X: Any,
        y: NDArray[Any],
        *,
        positive: Hashable | None = None,
        sample_weight: Floats | None = None,
        groups: NDArray[Any] | None = None,
        time: NDArray[Any] | None = None,
    ) -> Problem:
        """Order the classes (the positive one last when there are two) and turn labels into positions."""
        prior = Prior.of(y, sample_weight=sample_weight)
        labels = order_labels(prior, positive)
        if len(labels) < 2:
            raise DataError(
                f"the target holds only one class, {labels[0]!r}; a classifier needs at least two"
            )
        if len(labels) > 500 or len(labels) > 0.5 * len(y):
            raise DataError(
                f"the target holds {len(labels)} different values in {len(y)} rows, which looks like a number "
                "to predict or an identifier; choose a column with a few classes"
            )
        codes = Prior(labels, np.zeros(len(labels))).encode(y)
        return cls(X, codes, labels, sample_weight, groups, time)

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y)

    @property
    def n_classes(self) -> int:
        """Classes."""
        return len(self.labels)

    @property
    def prior(self) -> Prior:
        """The (weighted) prior of these rows over all classes."""
        return Prior.of(self.y, labels=range(self.n_classes), sample_weight=self.sample_weight)

    def take(self, rows: NDArray[np.int64]) -> Problem:
        """The same problem on some rows."""
        return replace(
            self,
            X=take_rows(self.X, rows),
            y=self.y[rows],
            sample_weight=None if self.sample_weight is None else self.sample_weight[rows],
            groups=None if self.groups is None else self.groups[rows],
            time=None if self.time is None else self.time[rows],
            costs=None if self.costs is None else self.costs.take(rows),
        )


def take_rows(X: Any, rows: NDArray[np.int64]) -> Any:
    """Select rows of a frame, array or sparse matrix."""
    if isinstance(X, pd.DataFrame):
        return X.iloc[rows].reset_index(drop=True)
    return X[rows]


def plain_labels(column: pd.Series[Any]) -> NDArray[Any]:
    """Labels as whole numbers, booleans or text; 1.0 and 0.0 become 1 and 0."""
    values = column.to_numpy()
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise DataError(f"target {column.name!r} holds infinite values; give it class labels")
        if (values == np.floor(values)).all() and np.abs(values).max(initial=0) < 2**53:
            return values.astype(np.int64)
        return values
    if values.dtype.kind in "iub":
        return values
    return column.astype(str).str.strip().to_numpy(dtype=object)


def order_labels(prior: Prior, positive: Hashable | None) -> tuple[Hashable, ...]:
    """Sorted labels; with two classes the positive one (default: the rarest) comes last."""
    labels = prior.labels
    if positive is None:
        chosen = prior.rarest
    else:
        match = [label for label in labels if label == positive or str(label) == str(positive)]
        if not match:
            shown = ", ".join(repr(label) for label in labels[:10])
            raise UsageError(f"the positive label {positive!r} does not occur; the target holds {shown}")
        if len(labels) > 2:
            raise UsageError(
                f"a positive label needs two classes, the target holds {len(labels)}; leave it out"
            )
        chosen = match[0]
    if len(labels) != 2:
        return labels
    return (*(label for label in labels if label != chosen), chosen)


def _weights(frame: pd.DataFrame, name: str | None) -> Floats | None:
    if name is None:
        return None
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any() or not values.any():
        raise DataError(f"weight column {name!r} must hold finite numbers of at least 0; clean it first")
    return values


def _group_codes(frame: pd.DataFrame, name: str | None) -> NDArray[Any] | None:
    if name is None:
        return None
    codes, _ = pd.factorize(frame[name], use_na_sentinel=False)
    if len(np.unique(codes)) < 2:
        raise DataError(f"group column {name!r} holds one group only; at least two are needed to split by it")
    return np.asarray(codes)


def _times(frame: pd.DataFrame, name: str | None) -> NDArray[Any] | None:
    if name is None:
        return None
    column = frame[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        values = column.astype("datetime64[ns]").to_numpy().astype("int64").astype(float)
        values[column.isna().to_numpy()] = np.nan
    else:
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    if np.isnan(values).any():
        raise DataError(
            f"time column {name!r} holds {int(np.isnan(values).sum())} values that are neither dates nor numbers; "
            "clean them or choose another column"
        )
    if len(np.unique(values)) < 3:
        raise DataError(f"time column {name!r} holds fewer than three moments; it cannot order the rows")
    return values


def column_names(X: Any) -> Sequence[str]:
    """The names of the features, made up for arrays."""
    if isinstance(X, pd.DataFrame):
        return [str(name) for name in X.columns]
    return [f"x{i}" for i in range(X.shape[1])]
