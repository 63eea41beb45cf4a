"""Decide what a column holds, and turn its cells into numbers, dates, truth values or text.

The rules are conservative: a column becomes numbers or dates only when every cell that is not missing is one.
They look at distinct cells only, so they cost little on long columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from steelyard.core import DataError, UsageError
from steelyard.data.formats.dates import parse_dates, settle_order

__all__ = ["KINDS", "Column", "clean_column"]

KINDS = ("number", "bool", "date", "date-dmy", "date-mdy", "text", "empty")

MISSING_WORDS = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "<NA>", "?")
"""Missing in every column."""
MISSING_AMONG_VALUES = (*MISSING_WORDS, "na", "none", "None", "NONE", "-", "--", ".", "missing", "#DIV/0!")
"""Missing in columns of numbers, dates and truth values; in text they may be words like any other."""

PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
GROUPED = {".": r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$", ",": r"^[+-]?\d{1,3}(\.\d{3})*(,\d+)?$|^[+-]?\d+,\d+$"}
WHOLE = r"^[+-]?\d+$"
CODE = r"^0\d+$"
CODE_STARTS = [f"0{digit}" for digit in range(10)]
TEXT_DTYPE: Any = "str" if int(pd.__version__.partition(".")[0]) >= 3 else "object"
TOO_LONG = 2.0**53
LONG = 16
"""Whole numbers of so many digits are taken for identifiers when a float could not hold them."""
PROBE = 50
"""Words that are tried before all of them."""


class Column:
    """The cells of one column: distinct words, and for every row the place of its word, -1 when missing."""

    def __init__(self, name: str, cells: Any, *, first_row: int = 0) -> None:
        encoded = pc.utf8_trim_whitespace(cells).dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        self.name = name
        self.words: Any = encoded.dictionary
        self.codes: NDArray[np.int64] = codes.astype(np.int64)
        self.first_row = first_row

    def without(self, missing: tuple[str, ...]) -> Column:
        """The same cells with more words counted as missing."""
        keep = pc.invert(pc.is_in(self.words, value_set=pa.array(missing, type=self.words.type)))
        kept = keep.to_numpy(zero_copy_only=False)
        place = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        other = object.__new__(Column)
        other.name, other.first_row = self.name, self.first_row
        other.words, other.codes = self.words.filter(keep), place[self.codes]
        return other

    def spread(self, values: NDArray[Any], missing: Any) -> NDArray[Any]:
        """A value for every row from one for every word."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def refuse(self, bad: NDArray[np.bool_], expected: str) -> None:
        """Raise for the first row whose word is bad."""
        if bad.any():
            row = int(np.flatnonzero(self.spread(bad, False))[0])
            word = self.words[int(self.codes[row])].as_py()
            raise DataError(
                f"column {self.name!r} holds {word[:40]!r} in row {self.first_row + row + 1}, expected {expected}; "
                f"correct the cell, or take the column as text (schema={{{self.name!r}: 'text'}} in Python)"
            )


def clean_column(
    name: str, cells: Any, *, kind: str | None = None, decimal: str = ".", first_row: int = 0
) -> tuple[str, pd.Series[Any], str]:
    """Turn Arrow cells into a pandas column.

    Args:
        name: the column.
        cells: an Arrow array, text or typed.
        kind: one of `KINDS` to force, or None to find out.
        decimal: "." or ",", how numbers in text are written.
        first_row: rows that came before, for messages.

    Returns:
        The kind, the column, and a note ("" when nothing had to be guessed).

    Raises:
        DataError: a forced kind does not fit a cell; the cell and its row are named.
    """
    if kind is not None and kind not in KINDS:
        raise UsageError(f"column {name!r} is to be read as {kind!r}; the kinds are {', '.join(KINDS)}")
    if not _is_text(cells.type):
        return _typed(name, cells, kind)
    if kind in (None, "number") and decimal == ".":
        tidy = _tidy_numbers(cells, kind)
        if tidy is not None:
            return "number", pd.Series(tidy, name=name), ""
    column = Column(name, cells, first_row=first_row).without(MISSING_WORDS)
    note = ""
    if kind is None:
        kind, note = _kind(column, decimal)
    return kind, _convert(column, kind, decimal), note


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _tidy_numbers(cells: Any, kind: str | None) -> NDArray[Any] | None:
    """The short way for columns where every cell is a plain number, which is most of them."""
    values = None if cells.null_count else _cast(cells, pa.float64())
    if values is None:
        return None
    whole = _cast(cells, pa.int64()) if (values == np.floor(values)).all() else None
    if kind is None and (whole is None and np.abs(values).max(initial=0) >= TOO_LONG):
        return None
    starts = pc.utf8_slice_codeunits(cells, 0, 2)
    if kind is None and _any(pc.is_in(starts, value_set=pa.array(CODE_STARTS, type=cells.type))):
        return None
    return values if whole is None else whole


def _kind(column: Column, decimal: str) -> tuple[str, str]:
    words = column.without(MISSING_AMONG_VALUES).words
    if not len(words):
        return ("text", "") if len(column.words) else ("empty", "")
    if _all(pc.is_in(pc.utf8_lower(words), value_set=pa.array(["true", "false"], type=words.type))):
        return "bool", ""
    if _all(_number_like(words, decimal)) and not _any(pc.match_substring_regex(words, CODE)):
        return ("text" if _identifiers(column, words) else "number"), ""
    return settle_order(column.name, words)


def _number_like(words: Any, decimal: str) -> Any:
    if decimal == "." and _cast(words, pa.float64()) is not None:
        return pa.array(np.ones(len(words), dtype=bool))
    plain = pc.match_substring_regex(words, PLAIN)
    return pc.or_(plain, pc.match_substring_regex(words, GROUPED[decimal]))


def _identifiers(column: Column, words: Any) -> bool:
    """Whole numbers too long for a float are names, not amounts: most have 16 digits, and int64 will not do."""
    long = pc.greater_equal(pc.utf8_length(words), LONG).to_numpy(zero_copy_only=False)
    if long.mean() <= 0.5 or not _all(pc.match_substring_regex(words, WHOLE)):
        return False
    return _cast(words, pa.int64()) is None or bool((column.codes < 0).any())


def _cast(words: Any, kind: Any) -> NDArray[Any] | None:
    """Words as numbers, or None; a few are tried first, since arrow reports every word that fails."""
    try:
        pc.cast(words.slice(0, PROBE), kind)
        return np.asarray(pc.cast(words, kind).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        return None


def _convert(column: Column, kind: str, decimal: str) -> pd.Series[Any]:
    if kind == "text":
        return _text(column)
    if kind == "empty":
        return pd.Series(np.full(len(column.codes), np.nan), name=column.name)
    column = column.without(MISSING_AMONG_VALUES)
    if kind == "number":
        return _number(column, decimal)
    if kind == "bool":
        lower = np.asarray(pc.utf8_lower(column.words).to_pylist(), dtype=object)
        column.refuse(~np.isin(lower, ["true", "false", "1", "0"]), "true or false")
        return _bool(column.name, column.spread(np.isin(lower, ["true", "1"]), False), column.codes < 0)
    dates, fits = parse_dates(column.words, kind)
    column.refuse(~fits, f"a date ({kind})")
    return pd.Series(column.spread(dates, np.datetime64("NaT")), name=column.name)


def _text(column: Column) -> pd.Series[Any]:
    words = np.asarray([*column.words.to_pylist(), np.nan], dtype=object)
    text: pd.Series[Any] = pd.Series(words[column.codes], name=column.name, dtype=TEXT_DTYPE)
    return text


def _number(column: Column, decimal: str) -> pd.Series[Any]:
    fits = _number_like(column.words, decimal).to_numpy(zero_copy_only=False)
    column.refuse(~fits, "a number")
    words = column.words
    if decimal == ",":
        grouped = pc.match_substring_regex(words, GROUPED[","])
        plain = pc.replace_substring(pc.replace_substring(words, ".", ""), ",", ".")
        words = pc.if_else(grouped, plain, words)
    else:
        words = pc.replace_substring(words, ",", "")
    whole = None if (column.codes < 0).any() else _cast(words, pa.int64())
    if whole is not None:
        return pd.Series(column.spread(whole, 0), name=column.name)
    values = np.asarray(pc.cast(words, pa.float64()), dtype=np.float64)
    return pd.Series(column.spread(values, np.nan), name=column.name)


def _bool(name: str, values: NDArray[np.bool_], missing: NDArray[np.bool_]) -> pd.Series[Any]:
    if not missing.any():
        return pd.Series(values, name=name)
    return pd.Series(pd.arrays.BooleanArray(values, missing), name=name)


def _typed(name: str, cells: Any, kind: str | None) -> tuple[str, pd.Series[Any], str]:
    """Columns of formats that carry types: they are believed, unless another kind is asked for."""
    stored = cells.type
    if pa.types.is_dictionary(stored):
        return clean_column(name, _decoded(cells), kind=kind)
    if pa.types.is_binary(stored) or pa.types.is_large_binary(stored):
        return clean_column(name, _utf8(name, cells), kind=kind)
    if kind == "text":
        return clean_column(name, pc.cast(cells, pa.string()), kind=kind)
    if pa.types.is_null(stored):
        return "empty", pd.Series(np.full(len(cells), np.nan), name=name), ""
    if pa.types.is_boolean(stored) and kind != "number":
        missing = cells.is_null().to_numpy(zero_copy_only=False)
        return "bool", _bool(name, cells.fill_null(False).to_numpy(zero_copy_only=False), missing), ""
    if pa.types.is_timestamp(stored) or pa.types.is_date(stored):
        if kind in ("number", "bool"):
            raise DataError(f"column {name!r} holds dates, expected {kind}; convert it or leave it out")
        return "date", pd.Series(_naive(cells), name=name), ""
    if kind is not None and kind.startswith("date"):
        raise DataError(f"column {name!r} holds {stored} values, expected dates; convert it or leave it out")
    return "number", pd.Series(_plain_number(name, cells), name=name), ""


def _decoded(cells: Any) -> Any:
    return pc.cast(cells, cells.type.value_type)


def _utf8(name: str, cells: Any) -> Any:
    try:
        return pc.cast(cells, pa.large_string())
    except pa.ArrowInvalid as error:
        raise DataError(
            f"column {name!r} holds bytes that are no text; convert it, or leave it out by naming "
            "the others with --column (columns=[…] in Python)"
        ) from error


def _naive(cells: Any) -> NDArray[Any]:
    """Microseconds without a zone; a zoned time is taken in UTC."""
    zoneless = pc.cast(pc.cast(cells, pa.timestamp("us"), safe=False), pa.int64())
    missing = cells.is_null().to_numpy(zero_copy_only=False)
    stamps = zoneless.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[us]")
    return np.where(missing, np.datetime64("NaT"), stamps)


def _plain_number(name: str, cells: Any) -> NDArray[Any]:
    stored = cells.type
    if pa.types.is_duration(stored):
        seconds = pc.cast(pc.cast(cells, pa.duration("us"), safe=False), pa.int64())
        return np.asarray(pc.cast(seconds, pa.float64()).to_numpy(zero_copy_only=False)) / 1e6
    if pa.types.is_time(stored):
        raise DataError(f"column {name!r} holds times of day without a date; convert it to a number or text")
    if pa.types.is_integer(stored) and not cells.null_count and not pa.types.is_uint64(stored):
        return np.asarray(pc.cast(cells, pa.int64()).to_numpy(zero_copy_only=False))
    return np.asarray(
        pc.cast(cells, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64
    )


def _all(mask: Any) -> bool:
    return bool(pc.all(mask).as_py())


def _any(mask: Any) -> bool:
    return bool(pc.any(mask).as_py())
