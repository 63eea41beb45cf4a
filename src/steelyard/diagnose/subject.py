"""A table taken apart once for all probes: features, class positions, groups, time and weights."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError, Floats, Prior, TargetError, TooFewSamples, UsageError
from steelyard.diagnose.columns import Coded, code_column, moments
from steelyard.tasks.tabular import infer_roles

__all__: list[str] = []

# more different values than these are no classes
FRACTIONS, WHOLE_NUMBERS, TEXTS = 20, 100, 500


@dataclass(frozen=True, eq=False)
class Subject:
    """What every probe looks at.

    Attributes:
        features: the columns a learner would see (n rows), without target, group, time and weight.
        roles: column -> "number", "category", "text", "date", "bool", "constant" or "identifier".
        y: class positions (n,); in binary problems 1 is the positive class.
        labels: the K labels in position order.
        target: the target's name and its values as they came.
        group, time: group numbers and moments of the rows, or None.
        raw_weight: the weights as given, or None.
        names: which column plays "group", "time" and "weight".
        rows: where the rows stand in the given table (n,); rows without a label are left out.
        unlabelled: how many those are.
    """

    features: pd.DataFrame
    roles: dict[str, str]
    y: NDArray[np.int64]
    labels: tuple[Hashable, ...]
    target: pd.Series[Any]
    group: NDArray[np.int64] | None
    time: Floats | None
    raw_weight: Floats | None
    names: dict[str, str]
    rows: NDArray[np.int64]
    unlabelled: int

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y)

    @property
    def n_classes(self) -> int:
        """Classes."""
        return len(self.labels)

    @cached_property
    def weight(self) -> Floats | None:
        """The weights with those that cannot be used as 0, or None."""
        if self.raw_weight is None:
            return None
        return np.where(np.isfinite(self.raw_weight) & (self.raw_weight > 0), self.raw_weight, 0.0)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows of every class (K,)."""
        return np.bincount(self.y, minlength=self.n_classes)

    @cached_property
    def prior(self) -> Prior:
        """The class prior, weighted when there are weights."""
        counts = np.bincount(self.y, weights=self.weight, minlength=self.n_classes).astype(float)
        return Prior(self.labels, counts, "binary" if self.n_classes == 2 else "multiclass")

    @cached_property
    def rarest(self) -> int:
        """The position of the class with the fewest rows; the positive class when there are two."""
        return 1 if self.n_classes == 2 else self.n_classes - 1 - int(np.argmin(self.counts[::-1]))

    @cached_property
    def coded(self) -> dict[str, Coded]:
        """Every feature as whole-number codes."""
        return {name: code_column(self.features[name], self.roles[name]) for name in self.features.columns}

    def label(self, position: int) -> str:
        """A class's label, quoted."""
        return repr(self.labels[position])


def read_subject(
    frame: Any,
    *,
    target: str,
    positive: Hashable | None = None,
    group: str | None = None,
    time: str | None = None,
    weight: str | None = None,
) -> Subject:
    """Take a pandas or polars frame apart; raises one sentence when it cannot be a classification table."""
    table = _as_pandas(frame)
    named = {"target": target, "group": group, "time": time, "weight": weight}
    parts = {part: name for part, name in named.items() if name is not None}
    _check_names(table, parts)
    known = table[target].notna().to_numpy()
    if not known.any():
        raise TooFewSamples(f"no row has a value in {target!r}; choose another target column")
    unlabelled = int((~known).sum())
    if unlabelled:
        table = table.loc[known].reset_index(drop=True)
    features = table.drop(columns=list(dict.fromkeys(parts.values())))
    if not features.shape[1]:
        raise DataError("no feature column is left beside the target; give a table with features")
    values = plain_labels(table[target])
    labels = _order(_classes(values, target), values, positive)
    return Subject(
        features=features,
        roles={str(name): role for name, role in infer_roles(features).items()},
        y=Prior(labels, np.zeros(len(labels))).encode(values),
        labels=labels,
        target=table[target],
        group=None
        if group is None
        else pd.factorize(table[group], use_na_sentinel=False)[0].astype(np.int64),
        time=None if time is None else _moments(table[time]),
        raw_weight=None if weight is None else _weights(table[weight]),
        names={part: name for part, name in parts.items() if part != "target"},
        rows=np.flatnonzero(known),
        unlabelled=unlabelled,
    )


def plain_labels(column: pd.Series[Any]) -> NDArray[Any]:
    """Labels as whole numbers, booleans or stripped text; 1.0 and 0.0 become 1 and 0."""
    values = column.to_numpy()
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise TargetError(f"target {column.name!r} holds infinite values; give it class labels")
        whole = bool((values == np.floor(values)).all()) and float(np.abs(values).max(initial=0)) < 2**53
        return values.astype(np.int64) if whole else values
    if values.dtype.kind in "iub":
        return values
    return column.astype(str).str.strip().to_numpy(dtype=object)


def _as_pandas(frame: Any) -> pd.DataFrame:
    table = frame if isinstance(frame, pd.DataFrame) else nw.from_native(frame, eager_only=True).to_pandas()
    table = table.set_axis([str(name) for name in table.columns], axis=1).reset_index(drop=True)
    twice = table.columns[table.columns.duplicated()].tolist()
    if twice:
        raise DataError(f"the table has two columns named {twice[0]!r}; give every column its own name")
    if not len(table):
        raise TooFewSamples("the table has no rows; give at least a few of every class")
    return table


def _check_names(table: pd.DataFrame, parts: dict[str, str]) -> None:
    for part, name in parts.items():
        if name not in table.columns:
            near = get_close_matches(name, list(table.columns), n=3, cutoff=0.5) or list(table.columns[:8])
            raise UsageError(
                f"the table has no column {name!r} to use as {part}; did you mean {', '.join(map(repr, near))}?"
            )
        if part != "target" and name == parts["target"]:
            raise UsageError(f"column {name!r} is the target and cannot be the {part} too; choose another")


def _classes(values: NDArray[Any], target: str) -> list[Hashable]:
    labels = list(Prior.of(values).labels)
    if len(labels) < 2:
        raise TargetError(
            f"the target {target!r} holds only one class, {labels[0]!r}; choose a column with at least two"
        )
    numeric = values.dtype.kind in "iuf"
    most = (FRACTIONS if values.dtype.kind == "f" else WHOLE_NUMBERS) if numeric else TEXTS
    if len(labels) > most or len(labels) > len(values) / 2 > 5:
        kind = "a number to predict" if numeric else "free text or an identifier"
        raise TargetError(
            f"the target {target!r} holds {len(labels):,} different values in {len(values):,} rows, which looks "
            f"like {kind} and not like classes; cut it into a few classes or choose another target"
        )
    return labels


def _order(labels: list[Hashable], values: NDArray[Any], positive: Hashable | None) -> tuple[Hashable, ...]:
    named = [label for label in labels if label == positive or str(label) == str(positive)]
    if positive is not None and not named:
        raise UsageError(
            f"the positive label {positive!r} does not occur in the target; it holds "
            f"{', '.join(map(repr, labels[:8]))}; name one of them"
        )
    if len(labels) != 2:
        return tuple(labels)
    chosen = Prior.of(values).rarest if positive is None else named[0]
    return tuple(sorted(labels, key=lambda label: label == chosen))


def _moments(column: pd.Series[Any]) -> Floats:
    role = infer_roles(column.to_frame())[column.name]
    number = column.dtype.kind in "iufb"
    if not number and role not in ("number", "date"):
        raise DataError(
            f"the time column {column.name!r} holds values that are neither dates nor numbers, such as "
            f"{column.iloc[0]!r}; write them as YYYY-MM-DD or choose another column"
        )
    return moments(column, "number" if number else role)


def _weights(column: pd.Series[Any]) -> Floats:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(values) & (values > 0)).any():
        raise DataError(
            f"the weight column {column.name!r} holds no number above 0; choose a column of positive weights"
        )
    return values
