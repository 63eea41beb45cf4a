"""ARFF, Weka's text format, dense and sparse, and the KEEL dialect of it; cells arrive as text.

Format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import pyarrow as pa

from steelyard.core import DataError
from steelyard.data.formats.source import Source, check_names, choose, counted
from steelyard.data.formats.survey import Survey, open_text

__all__ = ["open_arff"]

BATCH = 50_000
QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
CELL = re.compile(rf"\s*({QUOTED}|[^,]*)\s*(,|$)")
ATTRIBUTE = re.compile(rf"(?i)@attribute\s+({QUOTED}|[^\s{{]+)\s*(.*)")
SPARSE_CELL = re.compile(rf"(\d+)\s+({QUOTED}|[^,]+)\s*(?:,\s*|$)")
JAVA_DATES = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
MISSING = ("?", "<null>")


@dataclass(frozen=True)
class Attribute:
    """One declared column: its name, kind, and the words or date form it may hold."""

    name: str
    kind: str
    words: frozenset[str] = frozenset()
    first_word: str = ""
    date_form: str = ""

    @property
    def when_sparse(self) -> str | None:
        """What a cell that a sparse row leaves out holds: zero, or the first word."""
        if self.kind == "text":
            return self.first_word or None
        return None if self.kind == "date" else "0"


@dataclass
class Header:
    """What stands before `@data`."""

    attributes: list[Attribute] = field(default_factory=list)
    lines: int = 0


def open_arff(file: Survey, columns: Sequence[str] | None = None) -> Source:
    """Open an ARFF or KEEL file; every fault names its line."""
    with open_text(file) as lines:
        header = _header(file, lines)
    names = check_names(file.path.name, [attribute.name for attribute in header.attributes])
    chosen = choose(file.path.name, names, columns)
    kept = set(chosen)
    places = [place for place, name in enumerate(names) if name in kept]
    kinds = {names[place]: header.attributes[place].kind for place in places}
    return Source(chosen, _batches(file, header, places, chosen), kinds, notes=file.notes)


def _header(file: Survey, lines: Iterable[str]) -> Header:
    header = Header()
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text.lower().startswith("@data"):
            header.lines = number
            break
        if text.lower().startswith("@attribute"):
            header.attributes.append(_attribute(file, number, text))
        elif text and not text.startswith(("%", "@")):
            raise DataError(
                f"line {number} of {file.path.name!r} is neither a comment nor starts with @; "
                "an ARFF file declares its columns with @attribute before @data"
            )
    if not header.attributes or not header.lines:
        missing = "@attribute" if not header.attributes else "@data"
        raise DataError(f"{file.path.name!r} has no {missing} line, so it is no ARFF file; check the export")
    return header


def _attribute(file: Survey, number: int, text: str) -> Attribute:
    found = ATTRIBUTE.fullmatch(text)
    if not found:
        raise DataError(f"line {number} of {file.path.name!r} declares no column name and type; correct it")
    name, declared = _unquote(found[1]), found[2].strip()
    if declared.startswith("{") and declared.endswith("}"):
        words = [word or "" for word in _cells(declared[1:-1])]
        return Attribute(name, "text", frozenset(words), words[0] if words else "")
    keyword = declared.split(maxsplit=1)[0].split("[")[0].lower() if declared else ""
    if keyword in ("numeric", "real", "integer"):
        return Attribute(name, "number")
    if keyword == "string":
        return Attribute(name, "text")
    if keyword == "date":
        form = _unquote(declared[len("date") :].strip()) or "yyyy-MM-dd'T'HH:mm:ss"
        return Attribute(name, "date", date_form=_strptime_form(file, number, form))
    raise DataError(
        f"line {number} of {file.path.name!r} declares {name!r} as {declared[:40]!r}; "
        "steelyard reads numeric, real, integer, string, date and {a, b, …}"
    )


def _strptime_form(file: Survey, number: int, form: str) -> str:
    """Java's date letters as Python's."""
    out = ""
    for piece in re.findall(r"'[^']*'|(?:yyyy|yy|MM|dd|HH|mm|ss)|[^A-Za-z']|[A-Za-z]", form):
        if piece in JAVA_DATES:
            out += JAVA_DATES[piece]
        elif piece.startswith("'"):
            out += piece.strip("'")
        elif piece == "T" or not piece.isalpha():
            out += piece.replace("%", "%%")
        else:
            raise DataError(
                f"line {number} of {file.path.name!r} uses the date form {form!r}; "
                "steelyard knows yyyy, yy, MM, dd, HH, mm and ss"
            )
    return out


def _batches(file: Survey, header: Header, places: list[int], names: list[str]) -> Iterator[pa.RecordBatch]:
    with open_text(file) as lines:
        rows = _rows(file, header, islice(lines, header.lines, None))
        while piece := list(islice(rows, BATCH)):
            cells = list(zip(*piece, strict=True))
            arrays = [pa.array(cells[place], type=pa.large_string()) for place in places]
            yield pa.RecordBatch.from_arrays(arrays, names=names)


def _rows(file: Survey, header: Header, lines: Iterator[str]) -> Iterator[list[str | None]]:
    attributes = header.attributes
    dates = [(place, known) for place, known in enumerate(attributes) if known.kind == "date"]
    closed = [(place, known) for place, known in enumerate(attributes) if known.words]
    for number, line in enumerate(lines, start=header.lines + 1):
        text = line.strip()
        if not text or text.startswith("%"):
            continue
        row = _sparse(file, number, text, attributes) if text.startswith("{") else _cells(text)
        if len(row) == len(attributes) + 1 and (row[-1] or "").startswith("{"):
            row.pop()  # an instance weight, which Weka writes after the last cell
        if len(row) != len(attributes):
            raise DataError(
                f"line {number} of {file.path.name!r} has {counted(len(row), 'cell')}, {len(attributes)} declared; "
                "correct the line or quote cells that hold a comma"
            )
        for place, known in closed:
            if row[place] is not None and row[place] not in known.words:
                raise DataError(
                    f"line {number} of {file.path.name!r} holds {row[place]!r} in column {known.name!r}, "
                    "which its @attribute line does not list; add it there"
                )
        for place, known in dates:
            row[place] = _iso(file, number, row[place], known)
        yield row


def _sparse(file: Survey, number: int, text: str, attributes: Sequence[Attribute]) -> list[str | None]:
    row = [known.when_sparse for known in attributes]
    body = text[1 : text.rfind("}")].strip() if "}" in text else text[1:].strip()
    at = 0
    while at < len(body):
        found = SPARSE_CELL.match(body, at)
        if found is None or int(found[1]) >= len(attributes):
            raise DataError(
                f"line {number} of {file.path.name!r} holds the sparse cell {body[at : at + 20]!r}; "
                f"expected a place below {len(attributes)}, a blank and a value"
            )
        row[int(found[1])] = _value(found[2])
        at = found.end()
    return row


def _cells(text: str) -> list[str | None]:
    """The cells of one line: quoted ones unescaped, missing ones None."""
    if "'" not in text and '"' not in text:
        return [None if cell in MISSING else cell for cell in map(str.strip, text.split(","))]
    cells: list[str | None] = []
    at = 0
    while True:
        found = CELL.match(text, at)
        if found is None:  # the last alternative of CELL takes anything up to a comma
            return cells
        cells.append(_value(found[1]))
        at = found.end()
        if not found[2]:
            return cells


def _value(word: str) -> str | None:
    bare = word.strip()
    return None if bare in MISSING else _unquote(bare)


def _unquote(word: str) -> str:
    if len(word) >= 2 and word[0] == word[-1] and word[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", word[1:-1]).strip()
    return word


def _iso(file: Survey, number: int, cell: str | None, known: Attribute) -> str | None:
    if cell is None or not cell:
        return None
    try:
        return datetime.strptime(cell, known.date_form).isoformat(sep=" ")
    except ValueError as error:
        raise DataError(
            f"line {number} of {file.path.name!r} holds {cell!r} in date column {known.name!r}; "
            f"its declared form is {known.date_form}"
        ) from error
