"""Read a table from a file or by the name of a packaged data set, whole or in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from steelyard.core import DataError
from steelyard.data.formats.arff import open_arff
from steelyard.data.formats.arrow import open_arrow, open_parquet
from steelyard.data.formats.columns import TEXT_DTYPE, clean_column
from steelyard.data.formats.delimited import open_delimited
from steelyard.data.formats.source import Source, choose
from steelyard.data.formats.survey import ENDINGS, Survey, exists, survey
from steelyard.data.pieces import even_pieces
from steelyard.data.table import Table

__all__ = ["read_table", "stream_table"]

OPENERS = {"delimited": open_delimited, "parquet": open_parquet, "arrow": open_arrow, "arff": open_arff}


def read_table(
    path_or_name: str | Path,
    *,
    columns: Sequence[str] | None = None,
    schema: Mapping[str, str] | None = None,
) -> Table:
    r"""Read a whole table and clean its columns.

    When to use it: to bring a file into memory the way steelyard's own commands do. CSV, TSV and ARFF may be
    gzipped; Parquet, Arrow and Feather carry their types; a word such as "taxi" names a packaged data set
    (`datasets()` lists them), whose types are fixed. Text is UTF-8, UTF-16 or UTF-32 with a byte order mark, or
    Latin-1 with a note.

    A text column becomes numbers, dates or truth values only when every cell that is not missing is one:
    `1,234.5` is a number, `007` is a code and stays text, whole numbers that no float can hold stay text,
    `1/2/13` is a date once another cell of the column shows whether days or months come first. Missing are
    "", NA, N/A, NaN, null and ?, in columns of values also -, none and missing. Blanks around cells go.

    Args:
        path_or_name: a file, or the name of a packaged data set.
        columns: the columns to read; needed beyond 5,000.
        schema: column -> kind ("number", "bool", "date", "date-dmy", "date-mdy", "text") to force; a cell that
            does not fit is an error. `Table.schema` of the training table makes new rows come out the same.

    Returns:
        The table: int64 or float64, datetime64[us] without zone (in UTC), bool, or text.

    Raises:
        DataError: the file is missing, empty, damaged, of another format than its name says, ragged, without
            rows, too wide, or a header is repeated; one sentence says which and what to do.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "claims.csv").write_text("id;amount;on\n007;1,5;2024-02-29\n008;NA;2024-03-01\n")
    ...     table = read_table(f"{folder}/claims.csv")
    >>> dict(table.schema)
    {'id': 'text', 'amount': 'number', 'on': 'date'}
    """
    if _names_a_data_set(path_or_name):
        return _packaged(str(path_or_name), columns)
    return read_as(path_or_name, None, columns=columns, schema=schema)


def read_as(
    path: str | Path,
    form: str | None,
    *,
    columns: Sequence[str] | None = None,
    schema: Mapping[str, str] | None = None,
) -> Table:
    """Read a file of a given format, whatever its ending; None goes by the ending."""
    file = survey(path, form)
    source = opened(file, columns, schema)
    batches = list(source.batches)
    if not sum(batch.num_rows for batch in batches):
        raise DataError(f"{file.path.name!r} has a header but no rows; pass a file with at least one row")
    frame, found, notes = cleaned(pa.Table.from_batches(batches), source, schema or {})
    name = file.path.name.partition(".")[0] or file.path.name
    return Table(frame, name, str(path), file.digest, found, (*source.notes, *notes))


def stream_table(
    path: str | Path,
    *,
    chunk_rows: int = 100_000,
    columns: Sequence[str] | None = None,
    schema: Mapping[str, str] | None = None,
) -> Iterator[pd.DataFrame]:
    r"""Read a table in chunks, for files larger than memory.

    Dtypes are the same in every chunk: numbers are float64, truth values "boolean", dates datetime64[us]; a
    column that is not in `schema` is what the first chunk shows it to be. The index counts the rows of the file.

    Args:
        path: a file, or the name of a packaged data set.
        chunk_rows: rows a chunk; the last one may be shorter.
        columns: the columns to read.
        schema: column -> kind, as in `read_table`; pass the training table's to read new rows alike.

    Raises:
        DataError: as `read_table`; also when a later chunk does not fit what the column was taken for.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "few.csv").write_text("x\n1\n2\n3\n")
    ...     [chunk["x"].tolist() for chunk in stream_table(f"{folder}/few.csv", chunk_rows=2)]
    [[1.0, 2.0], [3.0]]
    """
    if chunk_rows < 1:
        raise DataError(f"chunk_rows is {chunk_rows}, a chunk needs at least one row")
    if _names_a_data_set(path):
        table = _packaged(str(path), columns)
        frame = _stable(table.frame, table.schema)
        yield from (frame.iloc[start : start + chunk_rows] for start in range(0, len(frame), chunk_rows))
        return
    file = survey(path)
    source = opened(file, columns, schema)
    kinds = dict(schema or {})
    rows = 0
    for piece in even_pieces(source.batches, chunk_rows):
        frame, found, _ = cleaned(piece, source, kinds, first_row=rows)
        # an empty first chunk says nothing about a column, and text can hold whatever comes later
        kinds = {name: kinds.get(name, "text" if kind == "empty" else kind) for name, kind in found.items()}
        yield _stable(frame, kinds)
        rows += len(frame)
    if not rows:
        raise DataError(f"{file.path.name!r} has a header but no rows; pass a file with at least one row")


def _names_a_data_set(path_or_name: str | Path) -> bool:
    """A word that is no file and has no ending of one; Path objects always mean files."""
    if isinstance(path_or_name, Path) or exists(Path(path_or_name)):
        return False
    endings = [ending.lower() for ending in Path(path_or_name).suffixes]
    return path_or_name.startswith("openml:") or not {*ENDINGS, ".gz"} & {*endings}


def _packaged(name: str, columns: Sequence[str] | None) -> Table:
    from steelyard.data.packaged import load_dataset  # that module reads files through this one

    found = load_dataset(name)
    frame = found.frame[choose(name, list(found.frame.columns), columns)]
    return Table(frame, name.rpartition("/")[2], name, found.digest, _kinds(frame), ())


def _kinds(frame: pd.DataFrame) -> dict[str, str]:
    """What columns that are already clean would be read as."""
    kinds = {"b": "bool", "M": "date", "i": "number", "u": "number", "f": "number"}
    return {str(name): kinds.get(getattr(dtype, "kind", "O"), "text") for name, dtype in frame.dtypes.items()}


def opened(file: Survey, columns: Sequence[str] | None, schema: Mapping[str, str] | None) -> Source:
    """Open a surveyed file; a schema must name columns it has."""
    source = OPENERS[file.format](file, columns)
    known = set(source.names)
    unknown = [name for name in schema or {} if name not in known]
    if unknown:
        raise DataError(
            f"the schema names column {unknown[0]!r}, {file.path.name!r} has {', '.join(source.names[:8])}; "
            "pass a table with that column or leave it out of the schema"
        )
    return source


def cleaned(
    rows: Any, source: Source, schema: Mapping[str, str], first_row: int = 0
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Clean an Arrow table of cells: the frame, what each column was taken for, and what had to be guessed."""
    found, columns, notes = {}, {}, []
    for name in source.names:
        cells = rows.column(name)
        if pa.types.is_string(cells.type):
            cells = cells.cast(pa.large_string())
        kind, column, note = clean_column(
            name,
            cells.combine_chunks(),
            kind=schema.get(name, source.kinds.get(name)),
            decimal=source.decimal,
            first_row=first_row,
        )
        found[name], columns[name] = kind, column
        notes += [note] if note else []
    frame = pd.DataFrame(columns, copy=False)
    frame.index = pd.RangeIndex(first_row, first_row + len(frame))
    return frame, found, notes


def _stable(frame: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    fixed = {"number": "float64", "bool": "boolean", "text": TEXT_DTYPE}
    return frame.astype(
        {name: fixed[kind] for name, kind in kinds.items() if kind in fixed and name in frame}
    )
