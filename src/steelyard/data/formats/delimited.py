"""Comma, semicolon, tab or bar separated text, read whole or in pieces; all cells arrive as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from steelyard.core import DataError
from steelyard.data.formats.source import Source, check_names, choose, counted
from steelyard.data.formats.survey import BLOCK, Survey, open_bytes, open_text

__all__ = ["open_delimited"]

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_ROWS = 200
CHUNK = 4 << 20
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})")
DECIMAL_POINT = re.compile(r"[+-]?\d+\.(\d{1,2}|\d{4,})")


@dataclass(frozen=True)
class Layout:
    """How a text is cut into cells, learned from its first rows."""

    delimiter: str
    header: list[str]
    blank_lines: int
    decimal: str


def open_delimited(file: Survey, columns: Sequence[str] | None = None) -> Source:
    """Open a CSV or TSV file; rows of the wrong length are a DataError with the line number."""
    if file.odd_quotes:
        _refuse_open_quote(file)
    layout = _layout(file)
    names = check_names(file.path.name, layout.header)
    _refuse_missing_header(file.path.name, layout.header)
    chosen = choose(file.path.name, names, columns)
    blank = [name for name, given in zip(names, layout.header, strict=True) if not given.strip()]
    invented = f"{file.path.name}: columns without a name are called {', '.join(blank)}"
    notes = (*file.notes, invented) if blank else file.notes
    return Source(chosen, _batches(file, layout, names, chosen), {}, layout.decimal, notes)


def _layout(file: Survey) -> Layout:
    with open_bytes(file.path, file.packed) as stream:
        head = stream.read(BLOCK)
        whole = not stream.read(1)
    text = head.decode(file.encoding, errors="ignore")
    first = "\t" if file.path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) else ","
    candidates = sorted(DELIMITERS, key=lambda delimiter: delimiter != first)
    trials = [(delimiter, _sample(text, delimiter, whole)) for delimiter in candidates]
    delimiter, rows = max(trials, key=lambda trial: _agreement(trial[1]))
    blank_lines = len(text) - len(text.lstrip("\r\n"))
    skipped = len(text[:blank_lines].splitlines())
    if not rows:
        raise DataError(
            f"the header of {file.path.name!r} is longer than {BLOCK >> 20} MiB or broken; check the file"
        )
    decimal = _decimal(rows[1:]) if delimiter == ";" else "."
    return Layout(delimiter, rows[0], skipped, decimal)


def _sample(text: str, delimiter: str, whole: bool) -> list[list[str]]:
    """The first rows; the last one is dropped when the text was cut off."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    ended = False
    with suppress(csv.Error):  # a cell too long for this reader, which the real one can take
        for row in islice(reader, SAMPLE_ROWS):
            rows += [row] if row else []
        ended = next(reader, None) is None
    return rows[:-1] if ended and not whole and len(rows) > 1 else rows


def _agreement(rows: list[list[str]]) -> tuple[float, int]:
    """How many rows are as long as the header, and how long that is; a single column counts as nothing."""
    if not rows or len(rows[0]) < 2:
        return (0.0 if rows else -1.0, 0)
    return (sum(len(row) == len(rows[0]) for row in rows[1:]) / max(1, len(rows) - 1), len(rows[0]))


def _decimal(rows: list[list[str]]) -> str:
    cells = [cell.strip() for row in rows for cell in row]
    commas = any(DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    points = any(DECIMAL_POINT.fullmatch(cell) for cell in cells)
    return "," if commas and not points else "."


def _refuse_missing_header(file: str, header: list[str]) -> None:
    """A first row of nothing but numbers is data, unless it counts the columns."""
    cells = [cell.strip() for cell in header]
    if not all(re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", cell) for cell in cells):
        return
    numbered = all(cell.isdigit() for cell in cells) and len({*cells}) == len(cells)
    if not numbered:
        raise DataError(
            f"the first row of {file!r} holds only numbers ({', '.join(cells[:3])}), so the header is missing; "
            "add a first line with column names"
        )


def _batches(file: Survey, layout: Layout, names: list[str], chosen: list[str]) -> Iterator[pa.RecordBatch]:
    try:
        with pa.input_stream(str(file.path), compression="gzip" if file.packed else None) as stream:
            yield from _parse(stream, file, layout, names, chosen)
    except pa.ArrowInvalid as error:
        _refuse_ragged(file, layout, error)


def _parse(
    stream: Any, file: Survey, layout: Layout, names: list[str], chosen: list[str]
) -> Iterator[pa.RecordBatch]:
    # columns are numbered while parsing, because arrow keeps settings by name
    numbered = [str(place) for place in range(len(names))]
    kept = set(chosen)
    wanted = [number for number, name in zip(numbered, names, strict=True) if name in kept]
    reader = arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(
            column_names=numbered,
            skip_rows=layout.blank_lines,
            skip_rows_after_names=1,
            encoding="utf8" if file.encoding.startswith("utf-8") else file.encoding,
            block_size=CHUNK,
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(numbered, pa.large_string()),
            include_columns=wanted,
            strings_can_be_null=False,
        ),
    )
    for batch in reader:
        yield pa.RecordBatch.from_arrays(batch.columns, names=chosen)


def _refuse_open_quote(file: Survey) -> None:
    """An odd number of quotes is harmless inside a cell, but not when it opens one that never ends."""
    layout = _layout(file)
    opened = 0
    with open_text(file) as lines:
        reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
        try:
            for _ in reader:
                opened = reader.line_num
        except csv.Error as error:
            if "unexpected end" in str(error) or "field larger" in str(error):
                raise DataError(
                    f"{file.path.name!r} opens a quoted cell in line {opened + 1} that never ends; close the quote"
                ) from error


def _refuse_ragged(file: Survey, layout: Layout, error: Exception) -> None:
    """Find the line that arrow stumbled over, which reports rows, not lines."""
    expected = len(layout.header)
    with open_text(file) as lines:
        reader = csv.reader(lines, delimiter=layout.delimiter)
        before = rows = 0
        try:
            for row in reader:
                rows += bool(row)
                if row and len(row) != expected:
                    raise DataError(
                        f"line {before + 1} of {file.path.name!r} has {counted(len(row), 'cell')}, "
                        f"the header has {expected}; "
                        f"correct the line or quote cells that hold the delimiter {layout.delimiter!r}"
                    ) from error
                before = reader.line_num
        except csv.Error as fault:
            raise DataError(
                f"line {before + 1} of {file.path.name!r} cannot be cut into cells ({fault}); correct its quotes"
            ) from fault
    if rows == 1:
        raise DataError(f"{file.path.name!r} has a header but no rows; pass a file with at least one row")
    raise DataError(f"{file.path.name!r} cannot be cut into rows ({error}); check the file") from error
