"""Columns as whole-number codes and moments as numbers, whatever they held."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.tasks.tabular.columns.values import date_format, dates, factors, numbers

__all__: list[str] = []


@dataclass(frozen=True, eq=False)
class Coded:
    """A column whose values became 0..distinct-1; missing values are -1.

    `ordered` tells whether a larger code means a larger value.
    """

    codes: NDArray[np.int64]
    distinct: int
    ordered: bool

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Where the value is missing."""
        return self.codes < 0

    @property
    def levels(self) -> int:
        """How many different things a row can show, a missing value being one of them."""
        return self.distinct + bool(self.missing.any())


def code_column(column: pd.Series[Any], role: str) -> Coded:
    """Code a column: numbers and dates by rank, everything else by first occurrence."""
    if role in ("number", "bool", "date") or column.dtype.kind in "iufb":
        codes, uniques = pd.factorize(moments(column, role), sort=True)
        return Coded(codes.astype(np.int64), len(uniques), ordered=True)
    codes, levels = factors(column)
    return Coded(codes, len(levels), ordered=False)


def moments(column: pd.Series[Any], role: str) -> Floats:
    """Numbers as they are and dates as seconds since 1970; nan where missing."""
    if role != "date":
        return numbers(column)
    _, levels = factors(column)
    when = dates(column, date_format(levels))
    return np.where(np.isnat(when), np.nan, when.astype(np.int64) / 1e6)
