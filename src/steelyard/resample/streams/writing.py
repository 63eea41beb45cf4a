"""The last pass: write the rows that stay and those that were made, with an account of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from steelyard.core import DataError, atomic_path
from steelyard.resample.plan import Ints
from steelyard.resample.streams.census import Census
from steelyard.resample.streams.columns import label_values, positions
from steelyard.resample.streams.growing import Added
from steelyard.resample.streams.methods import Outcome
from steelyard.resample.streams.passes import Passes
from steelyard.resample.streams.rows import Rows

__all__ = ["ACCOUNT", "check_names", "facts_of", "write_rows"]

ACCOUNT = {
    "sample_index": pa.int64(),
    "origin": pa.int64(),
    "second_parent": pa.int64(),
    "share": pa.float64(),
    "sampling_weight": pa.float64(),
}
"""Columns added to every row out."""
GROUP_ROWS = 65_536


def write_rows(
    rows: Rows,
    census: Census,
    outcome: Outcome,
    out: Path,
    *,
    stands_for: NDArray[np.float64],
    weight: str | None,
    facts: Mapping[str, Any],
    passes: Passes,
) -> None:
    """Write every row as often as it stays, in the order of the data, then the added rows; all or nothing.

    `stands_for` says by class how many rows in a row out stands for.
    """
    schema = pa.schema([*rows.schema, *(pa.field(name, kind) for name, kind in ACCOUNT.items())])
    schema = schema.with_metadata({"steelyard": json.dumps(facts, default=str)})
    account = partial(_account, census=census, stands_for=stands_for, weight=weight, schema=schema)
    with atomic_path(out) as temporary, _Groups(temporary, schema) as groups:
        pick = partial(_stay, census.starts, outcome.times)
        for ids, table in passes.over(rows, pick, rows.schema.names, "Writing the rows that stay"):
            groups.add(account(table, ids, ids))
        for new in outcome.added:
            groups.add(account(new.table, new.starts, None if new.ends is not None else new.starts, new))


def facts_of(path: Path) -> dict[str, Any] | None:
    """What a file written here says of itself, or None for any other file."""
    try:
        stored = (pq.read_schema(path).metadata or {}).get(b"steelyard")
    except (pa.ArrowException, OSError):
        return None
    return None if stored is None else dict(json.loads(stored))


def check_names(rows: Rows) -> None:
    """Raise a DataError when the data hold a column the account needs."""
    taken = [name for name in ACCOUNT if name in rows.schema.names]
    if taken:
        raise DataError(
            f"{rows.name} holds a column {taken[0]!r}, which the result needs for its account; rename it"
        )


def _stay(starts: NDArray[np.int64], times: NDArray[Any], number: int, piece: Any) -> tuple[Ints, Any]:
    own = times[starts[number] : starts[number + 1]]
    at = np.repeat(np.arange(len(own)), own)
    whole = len(at) == len(own) and bool((own == 1).all())
    return at + starts[number], piece if whole else piece.take(pa.array(at))


def _account(
    table: Any,
    starts: Ints,
    origin: Ints | None,
    made: Added | None = None,
    *,
    census: Census,
    stands_for: NDArray[np.float64],
    weight: str | None,
    schema: Any,
) -> Any:
    n = len(starts)
    codes = positions(label_values(table.column(census.target), census.target), census.names)
    known = stands_for[codes]
    if made is not None and made.weight is not None:
        known = known * made.weight
    elif weight is not None:
        known = known * np.asarray(table.column(weight).to_numpy(), dtype=float)
    nothing = pa.nulls(n, pa.int64())
    columns = [
        pa.array(starts),
        pa.array(np.full(n, -1) if origin is None else origin),
        nothing if made is None or made.ends is None else pa.array(made.ends),
        pa.nulls(n, pa.float64()) if made is None or made.step is None else pa.array(made.step),
        pa.array(known),
    ]
    return pa.Table.from_arrays([*table.columns, *columns], schema=schema)


class _Groups:
    """Writes row groups of a fair size, however few rows come at a time."""

    def __init__(self, path: Path, schema: Any) -> None:
        self.writer = pq.ParquetWriter(path, schema, compression="zstd")
        self.waiting: list[Any] = []
        self.held = 0

    def __enter__(self) -> _Groups:
        return self

    def add(self, table: Any) -> None:
        """Take rows in."""
        self.waiting.append(table)
        self.held += table.num_rows
        if self.held >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self.held:
            self.writer.write_table(pa.concat_tables(self.waiting), row_group_size=2 * GROUP_ROWS)
        self.waiting, self.held = [], 0

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        self.writer.close()
