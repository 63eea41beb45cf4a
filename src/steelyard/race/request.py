"""What was asked: the data as they came, the columns, the goal, the options."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.core import DataError, Listener, UsageError
from steelyard.data import WEIGHT, Table, load_dataset, read_table, sample_majority
from steelyard.decide import Goal
from steelyard.race.folder import digest_of
from steelyard.race.options import Options
from steelyard.race.problem import Columns
from steelyard.resample import refuse_resampled

__all__ = ["Request", "Source", "as_sampled_source", "as_source"]

TARGET = "target"


@dataclass(frozen=True, eq=False)
class Source:
    """The data as they came: a frame with its target inside, or a sparse matrix with labels beside it."""

    name: str
    source: str
    digest: str
    frame: pd.DataFrame | None = None
    X: Any = None
    y: NDArray[Any] | None = None
    target: str | None = None
    positive: Any = None
    weight: str | None = None
    group: str | None = None
    time: str | None = None
    drop: tuple[str, ...] = ()
    schema: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sampled: str = ""

    @property
    def rows(self) -> int:
        """How many rows came."""
        return len(self.frame) if self.frame is not None else int(self.X.shape[0])


@dataclass(frozen=True, eq=False)
class Request:
    """Everything a run was asked."""

    source: Source
    columns: Columns
    goal: dict[str, Any]
    options: Options
    positive: Any = None
    drop_suspects: bool = False
    command: str = ""

    def plan(self) -> dict[str, Any]:
        """What must be the same for an unfinished run to be resumed."""
        settings = {
            "columns": self.columns.__dict__,
            "goal": self.goal,
            "options": self.options.deciding(),
            "positive": str(self.positive),
            "drop_suspects": self.drop_suspects,
            "sampled": self.source.sampled,
            "read": None if self.source.frame is None else list(self.source.frame.columns),
        }
        return {"data": self.source.digest, "settings": digest_of(settings), "target": self.columns.target}

    def make_goal(self, n_classes: int) -> Goal:
        """The goal, checked against the number of classes; average precision when nothing was asked."""
        asked = {name: value for name, value in self.goal.items() if value is not None}
        if "alerts" in asked and self.source.sampled:
            raise UsageError(
                "alerts count rows, but a sampled row stands for many; with --sample-majority say what is wanted by "
                "costs, --min-precision or --min-recall"
            )
        if not asked:
            asked = {"metric": "average_precision"}
        return Goal.of(**asked, n_rows=self.source.rows, n_classes=n_classes)


def as_source(table: Any, y: ArrayLike | None, columns: Sequence[str] | None = None) -> Source:
    """Take a path, a packaged name, a frame (pandas, polars, Arrow), an array or a sparse matrix.

    `columns`: those to read of a file or packaged set; None for all.
    """
    if isinstance(table, str | Path):
        if y is not None:
            raise UsageError("a file came together with labels; name its target column with target=")
        return _from_file(str(table), columns)
    if columns is not None:
        raise UsageError("columns= chooses what is read of a file; select them in the table that you pass")
    if isinstance(table, Table):
        return _from_table(table)
    if sparse.issparse(table):
        if y is None:
            raise UsageError("a sparse matrix came without labels; pass y")
        given: Any = table
        matrix = given.tocsr()
        labels = np.asarray(y)
        if len(labels) != matrix.shape[0]:
            raise DataError(f"{matrix.shape[0]} rows came with {len(labels)} labels; pass one label a row")
        parts = (matrix.data.tobytes(), matrix.indices.tobytes(), repr(labels.tolist()).encode())
        return Source("sparse matrix", "memory", _digest(*parts), X=matrix, y=labels, target=TARGET)
    return _from_memory(table, y)


def as_sampled_source(
    table: Any,
    rate: float,
    *,
    target: str | None,
    weight: str | None,
    columns: Sequence[str] | None,
    seed: int,
    listener: Listener | None,
) -> Source:
    """Read all rows of the rare classes and a part of the commonest, with the weights that undo it."""
    if not isinstance(table, str | Path) or not (Path(table).suffix or Path(table).exists()):
        raise UsageError(
            "only a file is read in part; a table in memory can be thinned out with "
            "steelyard.resample.RandomUnderSampler, whose weights are those of the rows"
        )
    if target is None:
        raise UsageError(
            "no target was named, and sampling goes by it; give --target COLUMN (target= in Python)"
        )
    refuse_resampled(table)
    found = sample_majority(table, target=target, rate=rate, seed=seed, columns=columns, listener=listener)
    frame = found.frame.reset_index(drop=True)
    if weight is not None and weight in frame.columns:
        frame[WEIGHT] *= frame[weight]
    source = _from_table(replace(found, frame=frame))
    drop = () if weight is None else (weight,)
    return replace(source, weight=WEIGHT, drop=drop, sampled=f"{rate:g} of the majority, seed {seed}")


def _from_file(name: str, columns: Sequence[str] | None) -> Source:
    if Path(name).suffix or Path(name).exists():
        refuse_resampled(name)
        return _from_table(read_table(name, columns=columns))
    known = load_dataset(name)
    info = known.info
    frame = known.frame
    if columns is not None:
        roles = [one for one in (info.target, info.weight, info.group, info.time) if one is not None]
        frame = read_table(name, columns=[*columns, *roles]).frame
    return Source(
        known.name,
        f"packaged data set {known.name}",
        known.digest,
        frame=frame,
        target=info.target,
        positive=known.positive,
        weight=info.weight,
        group=info.group,
        time=info.time,
        drop=tuple(name for name in info.drop if name in frame.columns),
    )


def _from_table(table: Table) -> Source:
    return Source(
        table.name,
        table.source,
        table.digest,
        frame=table.frame,
        schema=dict(table.schema),
        notes=table.notes,
    )


def _from_memory(table: Any, y: ArrayLike | None) -> Source:
    frame = _as_frame(table)
    target = None
    if y is not None:
        labels = np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.ndim != 1 or len(labels) != len(frame):
            raise DataError(
                f"{len(frame)} rows came with labels of shape {labels.shape}; pass one label a row"
            )
        target = str(getattr(y, "name", None) or TARGET)
        while target in frame.columns:
            target += "_"
        frame = frame.assign(**{target: labels})
    hashed = b"".join(
        pd.util.hash_pandas_object(column.astype(str) if column.dtype == object else column, index=False)
        .to_numpy()
        .tobytes()
        for _, column in frame.items()
    )
    return Source(
        "table", "memory", _digest(hashed, repr(list(frame.columns)).encode()), frame=frame, target=target
    )


def _as_frame(table: Any) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        frame = table.reset_index(drop=True)
        frame.columns = [str(name) for name in frame.columns]
        return frame
    if hasattr(table, "to_pandas"):
        return _as_frame(table.to_pandas())
    array = np.asarray(table)
    if array.ndim != 2:
        raise DataError(f"the features have shape {array.shape}, expected rows × columns; reshape them")
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])


def _digest(*parts: bytes) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
    return made.hexdigest()
