"""Diagnose a file as the main job would see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from steelyard.core import DataError, Listener, UsageError
from steelyard.diagnose import Diagnosis, diagnose
from steelyard.race.problem import Columns
from steelyard.race.request import as_source

__all__ = ["diagnose_table"]


def diagnose_table(
    table: Any,
    *,
    target: str | None = None,
    positive: Any = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    columns: Sequence[str] | None = None,
    seed: int = 0,
    listener: Listener | None = None,
) -> Diagnosis:
    """Read a table and say what is wrong with it; a packaged set knows its own columns."""
    return features_and_diagnosis(
        table,
        target=target,
        positive=positive,
        weight=weight,
        group=group,
        time=time,
        columns=columns,
        seed=seed,
        listener=listener,
    )[1]


def features_and_diagnosis(
    table: Any,
    *,
    target: str | None,
    positive: Any,
    weight: str | None,
    group: str | None,
    time: str | None,
    columns: Sequence[str] | None,
    seed: int,
    listener: Listener | None,
) -> tuple[pd.DataFrame, Diagnosis]:
    """The feature columns of a table (n, d), and its diagnosis."""
    named = None
    if columns is not None:
        named = [*columns, *(one for one in (target, weight, group, time) if one is not None)]
    source = as_source(table, None, named)
    if source.frame is None:
        raise DataError("a sparse matrix has no columns to inspect; pass a table")
    wanted = target or source.target
    if wanted is None:
        names = ", ".join(map(repr, list(source.frame.columns)[:12]))
        raise UsageError(f"no target was named; give --target COLUMN (target= in Python), one of {names}")
    roles = Columns(
        target=wanted,
        weight=weight or source.weight,
        group=group or source.group,
        time=time or source.time,
        drop=tuple(name for name in source.drop if name != wanted),
    )
    roles.check(source.frame)
    frame = source.frame.drop(columns=list(roles.drop))
    found = diagnose(
        frame,
        target=roles.target,
        positive=source.positive if positive is None else positive,
        group=roles.group,
        time=roles.time,
        weight=roles.weight,
        seed=seed,
        listener=listener,
    )
    features = frame.drop(columns=[name for name in frame.columns if name in roles.not_features])
    return features, found
