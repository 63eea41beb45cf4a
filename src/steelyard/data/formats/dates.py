"""Dates in text: ISO, day/month/year and month/day/year, with a check that all cells agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["parse_dates", "settle_order"]

CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6})\d*)?)?"
    r" ?(?P<half>[AaPp][Mm])?)? ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?$"
)
ISO = r"^(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})" + CLOCK
SLASHED = (
    r"^(?P<first>\d{1,2})(?:/(?P<a>\d{1,2})/(?P<short>\d{2}|\d{4})|[-.](?P<b>\d{1,2})[-.](?P<long>\d{4}))"
)


def settle_order(name: str, words: Any) -> tuple[str, str]:
    """The kind of a column of distinct words that may be dates, and a note when it cannot be told."""
    if bool(pc.all(pc.match_substring_regex(words, ISO)).as_py()):
        return ("date" if parse_dates(words, "date")[1].all() else "text"), ""
    if not bool(pc.all(pc.match_substring_regex(words, SLASHED + CLOCK)).as_py()):
        return "text", ""
    orders = [kind for kind in ("date-dmy", "date-mdy") if parse_dates(words, kind)[1].all()]
    if len(orders) == 1:
        return orders[0], ""
    if not orders:
        return "text", ""
    return "text", (
        f"column {name!r} holds dates that read both as day/month and as month/day, so it was left as text; "
        f"pass schema={{{name!r}: 'date-dmy'}} or 'date-mdy'"
    )


def parse_dates(words: Any, kind: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Microsecond times (in UTC where a zone is given) and which words fit the kind.

    ISO dates fit every kind, since nothing about them is in doubt. A year of two digits from 69 on lies in the
    1900s, as POSIX has it.
    """
    iso = pc.extract_regex(words, ISO)
    dates, fits = _assemble(iso, *(_whole(iso, unit) for unit in ("year", "month", "day")))
    if kind == "date":
        return dates, fits
    slashed = pc.extract_regex(words, SLASHED + CLOCK)
    first, second = _whole(slashed, "first"), _whole(slashed, "a") + _whole(slashed, "b")
    day, month = (first, second) if kind == "date-dmy" else (second, first)
    other, other_fits = _assemble(slashed, _year(slashed), month, day)
    return np.where(fits, dates, other), fits | other_fits


def _year(parts: Any) -> NDArray[np.int64]:
    year = _whole(parts, "short") + _whole(parts, "long")
    brief = np.array([len(word) == 2 for word in _texts(parts, "short")], dtype=bool)
    return year + np.where(brief, np.where(year >= 69, 1900, 2000), 0)


def _assemble(
    parts: Any,
    year: NDArray[np.int64],
    month: NDArray[np.int64],
    day: NDArray[np.int64],
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    hour, minute, second = (_whole(parts, unit) for unit in ("hour", "minute", "second"))
    half = np.array([word.lower() for word in _texts(parts, "half")], dtype="U2")
    fits = parts.is_valid().to_numpy(zero_copy_only=False) & ((half == "") | (hour >= 1) & (hour <= 12))
    hour = np.where(half == "", hour, hour % 12 + 12 * (half == "pm"))
    fits &= (
        (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 61)
    )
    start = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = start.astype("datetime64[D]") + (day - 1)
    fits &= date.astype("datetime64[M]") == start
    micro = (hour * 3600 + minute * 60 + second) * 1_000_000 + _fraction(parts) - _offset(parts)
    times = date.astype("datetime64[us]") + micro.astype("timedelta64[us]")
    return np.where(fits, times, np.datetime64("NaT")), fits


def _texts(parts: Any, name: str) -> list[str]:
    found: list[str] = parts.field(name).fill_null("").to_pylist()
    return found


def _whole(parts: Any, name: str) -> NDArray[np.int64]:
    field = parts.field(name).fill_null("0")
    digits = pc.if_else(pc.equal(field, ""), "0", field)
    return np.asarray(pc.cast(digits, "int64").to_numpy(zero_copy_only=False))


def _fraction(parts: Any) -> NDArray[np.int64]:
    return np.array([int(word.ljust(6, "0")) for word in _texts(parts, "fraction")], dtype=np.int64)


def _offset(parts: Any) -> NDArray[np.int64]:
    """Microseconds ahead of UTC."""
    minutes = [
        0
        if word in ("", "Z", "UTC")
        else (1 if word[0] == "+" else -1) * (int(word[1:3]) * 60 + int(word[-2:]))
        for word in _texts(parts, "zone")
    ]
    return np.array(minutes, dtype=np.int64) * 60_000_000
