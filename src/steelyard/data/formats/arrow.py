"""Parquet, Arrow and Feather files, read whole or in pieces with the types they carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from steelyard.core import DataError
from steelyard.data.formats.source import Source, check_names, choose
from steelyard.data.formats.survey import Survey

__all__ = ["open_arrow", "open_parquet"]

PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def open_parquet(file: Survey, columns: Sequence[str] | None = None, rows: int = 65_536) -> Source:
    """Open a Parquet file; `rows` is the length of the batches."""
    try:
        # buffering ahead would hold every row group until the end
        reader = pq.ParquetFile(file.path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, "Parquet", error) from error
    given, chosen = _chosen(file, reader.schema_arrow, columns)
    return Source(list(chosen), _parquet_batches(file, reader, given, chosen, rows), _declared(given, chosen))


def open_arrow(file: Survey, columns: Sequence[str] | None = None) -> Source:
    """Open an Arrow IPC file or stream; Feather files are Arrow IPC files."""
    with file.path.open("rb") as stream:
        start = stream.read(6)
    if start.startswith(b"FEA1"):
        raise DataError(
            f"{file.path.name!r} is a Feather file of the first version; write it again with a current library"
        )
    try:
        mapped = pa.memory_map(str(file.path))
        reader = ipc.open_file(mapped) if start == b"ARROW1" else ipc.open_stream(mapped)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, "Arrow", error) from error
    given, chosen = _chosen(file, reader.schema, columns)
    return Source(list(chosen), _arrow_batches(file, reader, chosen), _declared(given, chosen))


def _chosen(file: Survey, schema: Any, columns: Sequence[str] | None) -> tuple[Any, dict[str, int]]:
    """The schema, and column name -> place; indexes that pandas added are left out."""
    places = [place for place, name in enumerate(schema.names) if not PANDAS_INDEX.fullmatch(name)]
    names = check_names(file.path.name, [schema.names[place] for place in places])
    if not names:
        raise DataError(f"{file.path.name!r} has no columns; write it with at least one")
    wanted = set(choose(file.path.name, names, columns))
    chosen = {name: place for name, place in zip(names, places, strict=True) if name in wanted}
    for name, place in chosen.items():
        kind = schema.types[place]
        if pa.types.is_nested(kind) or pa.types.is_fixed_size_binary(kind):
            raise DataError(
                f"column {name!r} of {file.path.name!r} holds {kind} values, a table needs one value a cell; "
                "leave it out by naming the others with --column (columns=[…] in Python)"
            )
    return schema, chosen


def _declared(schema: Any, chosen: dict[str, int]) -> dict[str, str]:
    """A dictionary of words was made on purpose, so its words stay text even when they look like numbers."""
    return {
        name: "text"
        for name, place in chosen.items()
        if pa.types.is_dictionary(schema.types[place])
        and not pa.types.is_primitive(schema.types[place].value_type)
    }


def _parquet_batches(
    file: Survey, reader: Any, schema: Any, chosen: dict[str, int], rows: int
) -> Iterator[pa.RecordBatch]:
    try:
        wanted = [schema.names[place] for place in chosen.values()]
        for batch in reader.iter_batches(batch_size=rows, columns=wanted):
            found = {name: place for place, name in enumerate(batch.schema.names)}
            arrays = [batch.column(found[name]) for name in wanted]
            yield pa.RecordBatch.from_arrays(arrays, names=list(chosen))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, "Parquet", error) from error


def _arrow_batches(file: Survey, reader: Any, chosen: dict[str, int]) -> Iterator[pa.RecordBatch]:
    try:
        stored = (
            map(reader.get_batch, range(reader.num_record_batches))
            if hasattr(reader, "num_record_batches")
            else reader
        )
        for batch in stored:
            arrays = [batch.column(place) for place in chosen.values()]
            yield pa.RecordBatch.from_arrays(arrays, names=list(chosen))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, "Arrow", error) from error


def _damaged(file: Survey, kind: str, error: Exception) -> DataError:
    reason = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
    return DataError(
        f"{file.path.name!r} is not a whole {kind} file ({reason}); it may be cut short, write or copy it again"
    )
