"""Dates: where on the line of time, where in the year, the week and the day, and how far apart."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError
from steelyard.tasks.tabular.columns.values import date_format, dates, factors

__all__ = ["Dates"]

HOUR = np.timedelta64(1, "h")
CYCLES = {"month": 12, "weekday": 7, "hour": 24}


class Dates:
    """All date columns together.

    Each gives days since the earliest training date, the year, the month (1 to 12), the day of the week (0 is
    Monday) and the hour with its fraction; with `circular` the last three become sine and cosine of their
    angle. Every pair of columns gives its difference in hours. Missing dates give NaN.
    """

    measured = True

    def __init__(self, columns: list[Hashable], *, circular: bool) -> None:
        self.columns = columns
        self.circular = circular

    def learn(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Learn how each column writes its dates and where time starts; return the features of `frame`."""
        self.formats_ = [_format(frame[name]) for name in self.columns]
        clocks = self._clocks(frame)
        known = clocks[~np.isnat(clocks)]
        self.start_ = str(known.min()) if known.size else "1970-01-01"
        return self._features(clocks)

    def read(self, frame: pd.DataFrame) -> NDArray[Any]:
        """The features (n, m) of new rows."""
        return self._features(self._clocks(frame))

    def names(self) -> list[str]:
        """`column_time`, `column_year` …, and `b_minus_a_hours` for a pair."""
        cycles = [f"{cycle}_{wave}" for cycle in CYCLES for wave in ("sin", "cos")]
        parts = ["time", "year", *(cycles if self.circular else CYCLES)]
        own = [f"{name}_{part}" for name in self.columns for part in parts]
        return own + [f"{b}_minus_{a}_hours" for a, b in combinations(self.columns, 2)]

    def _clocks(self, frame: pd.DataFrame) -> NDArray[np.datetime64]:
        clocks, wrong = [], []
        for name, form in zip(self.columns, self.formats_, strict=True):
            try:
                clocks.append(dates(frame[name], form))
            except DataError as error:
                wrong.append(str(error))
        if wrong:
            raise DataError("; ".join(wrong))
        return np.column_stack(clocks)

    def _features(self, clocks: NDArray[np.datetime64]) -> NDArray[np.float64]:
        columns = []
        for clock in clocks.T:
            columns.append(_hours(clock - np.datetime64(self.start_)) / 24)
            columns.extend(self._calendar(clock))
        columns += [_hours(b - a) for a, b in combinations(clocks.T, 2)]
        return np.column_stack(columns)

    def _calendar(self, clock: NDArray[np.datetime64]) -> list[NDArray[np.float64]]:
        day = clock.astype("datetime64[D]")
        months = clock.astype("datetime64[M]").astype(np.int64)
        parts: dict[str, NDArray[Any]] = {
            "year": months // 12 + 1970.0,
            "month": months % 12 + 1.0,
            "weekday": (day.astype(np.int64) + 3) % 7.0,
            "hour": _hours(clock - day),
        }
        for values in parts.values():
            values[np.isnat(clock)] = np.nan
        if not self.circular:
            return list(parts.values())
        angles = [2 * np.pi * parts[cycle] / length for cycle, length in CYCLES.items()]
        return [parts["year"], *(wave(angle) for angle in angles for wave in (np.sin, np.cos))]


def _hours(span: NDArray[np.timedelta64]) -> NDArray[np.float64]:
    return np.asarray(span / HOUR, dtype=np.float64)


def _format(column: pd.Series[Any]) -> str | None:
    """How a text column writes its dates; None for columns that hold dates as such."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or isinstance(column.dtype, pd.PeriodDtype):
        return None
    return date_format(factors(column)[1])
