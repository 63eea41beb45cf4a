"""Read the values of one column as numbers, dates, levels or text, or say which value does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError

__all__ = [
    "are_blank",
    "date_format",
    "dates",
    "factors",
    "is_plain",
    "number_block",
    "numbers",
    "plain_numbers",
    "texts",
]

BLANKS = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "."})
NARROW = pd.__version__.startswith("2.")  # reads the years 1678 to 2261 only
BEYOND = 2**1023  # whole numbers that no float holds
TRUTHS = {"true": 1.0, "false": 0.0}
ISO = "ISO8601"
DAYS = [
    *(
        "%m/%d/%Y",
        "%d/%m/%Y",
        "%Y/%m/%d",
        "%m/%d/%y",
        "%d/%m/%y",
        "%d.%m.%Y",
        "%Y.%m.%d",
        "%m-%d-%Y",
        "%d-%m-%Y",
    ),
    *("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d%b%Y", "%d%b%y"),
]
CLOCKS = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ":%H:%M:%S"]
FORMATS = [ISO, *(day + clock for day in DAYS for clock in CLOCKS)]
ZONE = r"(:\d{2}(?:\.\d+)?)\s?(?:Z|[+-]\d{2}:?\d{2})$"  # every row keeps its own wall clock
LOOKS_DATED = r"^\s*(?:\d{1,4}\s?[-/. ]\s?\w{1,9}\s?[-/. ,]|\d{1,2}[A-Za-z]{3}\d{2}|[A-Za-z]{3,9} \d{1,2},)"


def is_plain(dtype: Any) -> bool:
    """Whether numpy holds the column as real numbers or truth values already."""
    return isinstance(dtype, np.dtype) and dtype.kind in "fiub"


def number_block(frame: pd.DataFrame) -> NDArray[np.float64]:
    """All columns as float64 (n, d), missing as NaN; one error names every column that holds other things."""
    if all(is_plain(dtype) for dtype in frame.dtypes):
        return frame.to_numpy(dtype=np.float64)
    out = np.empty(frame.shape)
    wrong = []
    for j, (_, column) in enumerate(frame.items()):
        try:
            out[:, j] = numbers(column)
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError("; ".join(wrong))
    return out


def numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    """One column as float64, missing as NaN; spans of time count in hours, "true" and "false" as 1 and 0."""
    dtype = column.dtype
    if pd.api.types.is_complex_dtype(dtype):
        raise DataError(f"column {column.name!r}: Complex data not supported; split it into two columns")
    if pd.api.types.is_timedelta64_dtype(dtype):
        return np.asarray(column.dt.total_seconds(), dtype=np.float64) / 3600
    if pd.api.types.is_datetime64_any_dtype(dtype):
        raise DataError(f"column {column.name!r} holds dates where numbers were learned")
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_numeric_dtype(dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes, levels = factors(column)
    read = plain_numbers(levels)
    for i in np.flatnonzero(np.isnan(read)):
        read[i] = TRUTHS.get(str(levels[i]).strip().lower(), np.nan)
    _refuse(column.name, levels[np.isnan(read)], "numbers")
    return _spread(read, codes, np.nan)


def plain_numbers(levels: NDArray[Any]) -> NDArray[np.float64]:
    """Distinct values as float64; NaN for what is no number."""
    words = [_readable(level) for level in levels]
    return np.array(pd.to_numeric(pd.Series(words, dtype=object), errors="coerce"), dtype=np.float64)


def _readable(level: Any) -> Any:
    if isinstance(level, str):
        return level.strip()
    if isinstance(level, int) and abs(level) >= BEYOND:
        return float("inf") if level > 0 else float("-inf")
    return level


def are_blank(levels: Iterable[Any]) -> bool:
    """Whether all these values stand for a missing number or date."""
    return all(str(level).strip().lower() in BLANKS for level in levels)


def dates(column: pd.Series[Any], form: str | None) -> NDArray[np.datetime64]:
    """One column as datetime64[us] on its own wall clock, missing as NaT; `form`: how its text is written."""
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        clock = column.dt.tz_localize(None) if getattr(column.dtype, "tz", None) is not None else column
        return clock.to_numpy(dtype="datetime64[us]")
    if pd.api.types.is_numeric_dtype(column.dtype) and column.notna().any():
        raise DataError(f"column {column.name!r} holds numbers where dates were learned")
    codes, levels = factors(column)
    if form is None or not all(isinstance(value, str) for value in levels[:20]):
        form = date_format(levels) or ISO
    read = _parse(levels, form)
    _refuse(column.name, levels[np.isnat(read)], "dates")
    return _spread(read, codes, np.datetime64("NaT"))


def factors(column: pd.Series[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The distinct values of a column as objects and the position of each row's (-1 where missing)."""
    try:
        # as objects where pandas would try to make one number type of whole numbers without limit
        codes, levels = pd.factorize(column.to_numpy() if column.dtype == object else column)
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in column.dropna().head(100)})
        raise DataError(
            f"column {column.name!r} holds {', '.join(kinds)} values (argument must be a string or a number)"
            "; spread them over columns of their own"
        ) from error
    return np.asarray(codes, dtype=np.int64), np.asarray(levels, dtype=object)


def texts(column: pd.Series[Any]) -> list[str]:
    """One column as strings, missing as the empty one."""
    return ["" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]


def date_format(levels: NDArray[Any]) -> str | None:
    """How these distinct values write dates ("objects" for date objects), or None when they are no dates."""
    if not len(levels):
        return None
    kinds = {type(value) for value in levels.tolist()}
    if not kinds <= {str}:
        dated = all(issubclass(kind, date) for kind in kinds)
        return "objects" if dated and not np.isnat(_parse(levels, "objects")).any() else None
    if not pd.Series(levels[:500]).str.match(LOOKS_DATED).all():
        return None
    for form in FORMATS:
        if not np.isnat(_parse(levels[:20], form)).any() and not np.isnat(_parse(levels, form)).any():
            return form
    return None


def _parse(levels: NDArray[Any], form: str) -> NDArray[np.datetime64]:
    if form == "objects":
        clocks = [value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in levels]
        read = pd.to_datetime(pd.Series(clocks, dtype=object), errors="coerce")
    else:
        words = pd.Series(levels, dtype=object).astype(str).str.strip()
        if form == ISO:
            words = words.str.replace(ZONE, r"\1", regex=True)
        read = pd.to_datetime(words, errors="coerce", format=form)
    found = read.to_numpy(dtype="datetime64[us]")
    if NARROW:
        for i in np.flatnonzero(np.isnat(found)):
            found[i] = _far(levels[i], form)
    return found


def _far(level: Any, form: str) -> np.datetime64:
    """One date of any year; NaT for what is none."""
    try:
        if isinstance(level, str):
            level = (
                datetime.fromisoformat(level.strip())
                if form == ISO
                else datetime.strptime(level.strip(), form)
            )
        return np.datetime64(level.replace(tzinfo=None) if isinstance(level, datetime) else level, "us")
    except ValueError:
        return np.datetime64("NaT", "us")


def _refuse(name: object, unread: NDArray[Any], wanted: str) -> None:
    bad = [value for value in unread if not are_blank([value])]
    if bad:
        more = f" and {len(bad) - 1} more such values" if len(bad) > 1 else ""
        raise DataError(f"column {name!r} holds {str(bad[0])[:60]!r}{more} where {wanted} were learned")


def _spread(read: NDArray[Any], codes: NDArray[np.int64], missing: Any) -> NDArray[Any]:
    return np.append(read, missing)[codes]
