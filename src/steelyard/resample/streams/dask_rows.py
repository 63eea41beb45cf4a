"""Rows of a Dask data frame: its partitions are the pieces, worked on where Dask keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import joblib
import pyarrow as pa

from steelyard.core import require
from steelyard.resample.streams.rows import Work, windows

__all__ = ["DaskRows"]

T = TypeVar("T")


class DaskRows:
    """The partitions of a Dask data frame; its index is not kept."""

    n_jobs: int | None = 1

    def __init__(self, frame: Any) -> None:
        self.name = "the Dask data frame"
        self._dask = require("dask", extra="dask")
        self.frame = frame
        first = frame.partitions[0].compute()
        self.schema = pa.Schema.from_pandas(first, preserve_index=False).remove_metadata()

    def __len__(self) -> int:
        """How many pieces there are."""
        return int(self.frame.npartitions)

    def map(self, work: Work[T], columns: Sequence[str]) -> Iterator[T]:
        """What `work` makes of every partition, in order; a few partitions at a time."""
        wanted = list(columns)
        schema = pa.schema([self.schema.field(name) for name in wanted])
        parts = self.frame[wanted].to_delayed()
        later = self._dask.delayed(_on_partition)
        for window in windows(
            parts, 2 * joblib.cpu_count(), lambda number, part: later(work, number, part, schema)
        ):
            yield from self._dask.compute(*window)


def _on_partition(work: Any, number: int, part: Any, schema: Any) -> Any:
    return work(number, pa.Table.from_pandas(part, schema=schema, preserve_index=False))
