"""What kind of thing each column holds."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError
from steelyard.tasks.tabular.columns.values import (
    are_blank,
    date_format,
    factors,
    is_plain,
    plain_numbers,
)
from steelyard.tasks.tabular.frames import as_frame

__all__ = ["ROLES", "infer_roles"]

ROLES = ("number", "category", "text", "date", "bool", "constant", "identifier")
NAMED_AS_KEY = re.compile(
    r"(?i:(?:^|[\W_])(?:ids?|uuid|guid|idx|index|row|key|nr|no|number)(?:$|[\W_])|#)|[a-z](?:Id|ID)$"
)
FEWEST_FOR_KEY = 20
FEWEST_WORDS = 3
MANY_LEVELS = 50


def infer_roles(X: Any) -> dict[Hashable, str]:
    """Say what each column holds: number, category, text, date, bool, constant or identifier.

    When to use it: before anything is learned from a table, to see how it will be read and to correct it with
    `TableEncoder(roles=...)`. Labels are never looked at.

    The rules, the first that holds wins: one distinct value, missing counted as one, is *constant*; truth
    values are *bool*; spans of time and real numbers, also written as text (but not with leading zeros, such
    as postal codes), are *number*; dates and their usual ways of writing are *date*; declared categories are
    *category*; text whose values have three words or more on average and more than 50 distinct values (or
    mostly distinct ones) is *text*; anything else is *category*. Among at least 20 rows, whole numbers
    without repetition that fill half of their range or are named like a key, and short texts without repetition, are
    *identifier*.

    Args:
        X: a pandas, polars or pyarrow table, an array or nested lists, (n, d).

    Returns:
        The role of every column, in column order.

    Raises:
        DataError: `X` is no table, or a column holds lists, dicts or the like.

    >>> import pandas as pd
    >>> infer_roles(pd.DataFrame({"age": [31, 54, 54], "since": ["2020-01-31", None, "2021-02-01"]}))
    {'age': 'number', 'since': 'date'}
    """
    frame, _ = as_frame(X)
    plain = [is_plain(dtype) for dtype in frame.dtypes]
    found = iter(_plain_roles(frame.loc[:, plain]))
    return {
        name: next(found) if flat else _role(frame[name])
        for name, flat in zip(frame.columns, plain, strict=True)
    }


def _plain_roles(frame: pd.DataFrame) -> list[str]:
    """The roles of columns that numpy holds as numbers, in one sweep over the whole block."""
    if not frame.shape[1]:
        return []
    block = frame.to_numpy(dtype=np.float64)
    gaps = np.isnan(block).any(axis=0)
    filled = np.where(np.isnan(block), 0, block) if gaps.any() else block
    constant = ~gaps & (filled == filled[0]).all(axis=0) | np.isnan(block).all(axis=0)
    whole = ~gaps & ~constant & (np.trunc(filled) == filled).all(axis=0) & np.isfinite(filled).all(axis=0)
    roles = []
    for j, (name, dtype) in enumerate(frame.dtypes.items()):
        if constant[j]:
            roles.append("constant")
        elif dtype.kind == "b":
            roles.append("bool")
        else:
            roles.append("identifier" if whole[j] and _is_key(name, block[:, j]) else "number")
    return roles


def _is_key(name: Hashable, values: NDArray[np.float64]) -> bool:
    n = len(values)
    if n < FEWEST_FOR_KEY or np.unique(values[:1000]).size < min(n, 1000) or np.unique(values).size < n:
        return False
    return bool(values.max() - values.min() < 2 * n) or NAMED_AS_KEY.search(str(name)) is not None


def _role(column: pd.Series[Any]) -> str:
    dtype = column.dtype
    if column.isna().all():
        return "constant"
    if pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return "constant" if _one_value(column) else "date"
    if pd.api.types.is_timedelta64_dtype(dtype) or pd.api.types.is_numeric_dtype(dtype):
        return _nullable_role(column)
    codes, levels = factors(column)
    if len(levels) == 1 and codes.min() >= 0:
        return "constant"
    if isinstance(dtype, pd.CategoricalDtype):
        return "identifier" if _all_differ(levels, codes) else "category"
    return _object_role(levels, codes)


def _nullable_role(column: pd.Series[Any]) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "constant" if _one_value(column) else "bool"
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        column = column.dt.total_seconds()
    if pd.api.types.is_complex_dtype(column.dtype):
        raise DataError(f"column {column.name!r}: Complex data not supported; split it into two columns")
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _plain_roles(pd.DataFrame({column.name: values}))[0]


def _object_role(levels: NDArray[Any], codes: NDArray[np.int64]) -> str:
    if {type(value) for value in levels} <= {bool, np.bool_}:
        return "bool"
    if _all_numbers(levels):
        return "number"
    if date_format(levels) is not None:
        return "date"
    words = np.mean([str(value).count(" ") + 1 for value in levels[:1000]])
    if words >= FEWEST_WORDS and len(levels) > min(MANY_LEVELS, (codes >= 0).sum() / 2):
        return "text"
    return "identifier" if _all_differ(levels, codes) else "category"


def _one_value(column: pd.Series[Any]) -> bool:
    return not column.isna().any() and bool((column == column.iloc[0]).all())


def _all_numbers(levels: NDArray[Any]) -> bool:
    unread = np.isnan(plain_numbers(levels))
    if unread.all() or not are_blank(levels[unread]):
        return False
    return not any(re.match(r"\s*0\d", value) for value in levels if isinstance(value, str))


def _all_differ(levels: NDArray[Any], codes: NDArray[np.int64]) -> bool:
    filled = int((codes >= 0).sum())
    return filled >= FEWEST_FOR_KEY and len(levels) >= 0.99 * filled
