"""A table in pieces that can be gone through again and again, always in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from steelyard.core import UsageError

__all__ = ["Rows", "Work", "as_rows"]

T = TypeVar("T")
Out = TypeVar("Out", covariant=True)


class Work(Protocol[Out]):
    """Something done to one piece; it must not depend on the pieces before it."""

    def __call__(self, number: int, piece: Any, /) -> Out:
        """Take the number of the piece and its rows as an Arrow table."""
        ...


class Rows(Protocol):
    """Rows in pieces.

    Attributes:
        name: what to call the data in messages.
        schema: the Arrow schema.
        n_jobs: threads one piece may use; None for all, 1 where pieces are worked on side by side.
    """

    name: str
    schema: Any
    n_jobs: int | None

    def __len__(self) -> int:
        """How many pieces there are."""
        ...

    def map(self, work: Work[T], columns: Sequence[str]) -> Iterator[T]:
        """What `work` makes of every piece, in order; of each only `columns` are read."""
        ...


def as_rows(data: Any) -> Rows:
    """Take a Parquet file or folder, a Dask data frame or a Ray data set.

    Raises:
        UsageError: something else.
        MissingExtra: the library the data come from is only half installed.
    """
    home = type(data).__module__.partition(".")[0]
    if isinstance(data, str | Path):
        from steelyard.resample.streams.parquet_rows import ParquetRows

        return ParquetRows(data)
    if home.startswith("dask") and hasattr(data, "to_delayed"):
        from steelyard.resample.streams.dask_rows import DaskRows

        return DaskRows(data)
    if home == "ray" and hasattr(data, "materialize"):
        from steelyard.resample.streams.ray_rows import RayRows

        return RayRows(data)
    raise UsageError(
        f"a {type(data).__name__} was given, expected a Parquet file or folder, a Dask data frame or a Ray data "
        "set; what fits into memory goes to the sampler itself"
    )


def windows(items: Sequence[Any], size: int, start: Callable[[int, Any], Any]) -> Iterator[list[Any]]:
    """Start work on the items a window at a time."""
    for first in range(0, len(items), size):
        yield [start(first + i, item) for i, item in enumerate(items[first : first + size])]
