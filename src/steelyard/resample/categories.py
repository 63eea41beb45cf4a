"""Columns of categories beside columns of numbers."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array

from steelyard.core import UsageError
from steelyard.resample.plan import Ints

__all__ = [
    "category_columns",
    "column_block",
    "mixed_columns",
    "most_frequent",
    "number_block",
    "side_by_side",
]


def category_columns(X: Any, given: Any) -> Ints:
    """The positions of the category columns.

    Args:
        X: the rows.
        given: "auto" (frames only: text, category, enum and boolean columns), positions, names, or a mask.

    Raises:
        UsageError: "auto" without a data frame, or columns that do not exist.

    >>> category_columns(np.zeros((2, 3)), [True, False, True]).tolist()
    [0, 2]
    """
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    named = isinstance(frame, nw.DataFrame)
    if isinstance(given, str) and given == "auto":
        if not named:
            raise UsageError(
                f"categorical_features='auto' came with a {type(X).__name__}, which has no column types; "
                "pass a data frame or the positions of the category columns"
            )
        kinds = (nw.String, nw.Categorical, nw.Enum, nw.Boolean, nw.Object)
        return np.array(
            [i for i, kind in enumerate(frame.schema.values()) if isinstance(kind, kinds)], dtype=np.int64
        )
    values, width = np.atleast_1d(np.asarray(given)), np.shape(X)[1]
    if values.dtype == bool and len(values) == width:
        return np.flatnonzero(values).astype(np.int64)
    if values.dtype.kind in "iu" and values.size and -width <= values.min() and values.max() < width:
        return np.asarray(values % width, dtype=np.int64)
    if named and values.dtype.kind in "OUS" and set(values.tolist()) <= set(frame.columns):
        return np.array([frame.columns.index(name) for name in values.tolist()], dtype=np.int64)
    raise UsageError(
        f"categorical_features={given!r} was given for rows with n_features={width}; pass positions, names of "
        "columns of a data frame, or one boolean a column"
    )


def mixed_columns(X: Any, given: Any) -> tuple[Ints, Ints]:
    """The positions of the number columns and of the category columns, of which there may be none.

    "auto" takes those `category_columns` takes, and of an array the columns that hold text.

    >>> [part.tolist() for part in mixed_columns(np.array([[1.0, "a"]], dtype=object), "auto")]
    [[0], [1]]
    """
    width = np.shape(X)[1]
    if given is None or np.size(given) == 0:
        chosen = np.empty(0, dtype=np.int64)
    elif isinstance(given, str) and given == "auto" and not hasattr(X, "columns"):
        kind = getattr(X, "dtype", np.dtype(float)).kind
        text = [j for j in range(width) if kind in "OUS" and any(isinstance(value, str) for value in X[:, j])]
        chosen = np.array(text, dtype=np.int64)
    else:
        chosen = np.unique(category_columns(X, given))
    return np.setdiff1d(np.arange(width), chosen), chosen


def number_block(X: Any, columns: Ints, *, holes: bool = False) -> NDArray[np.float64]:
    """Some columns as float64, checked; missing values are refused unless `holes` may be.

    >>> number_block(np.array([["1.5", "a"]], dtype=object), np.array([0])).tolist()
    [[1.5]]
    """
    if not len(columns):
        return np.empty((np.shape(X)[0], 0))
    whole = isinstance(X, np.ndarray) and len(columns) == X.shape[1]
    block: NDArray[np.float64] = check_array(
        X if whole else column_block(X, columns),
        dtype=np.float64,
        ensure_all_finite="allow-nan" if holes else True,
    )
    return block


def side_by_side(X: Any, numeric: Ints, numbers: NDArray[Any], chosen: Ints, names: NDArray[Any]) -> Any:
    """Rows like those of `X` from their numbers and their categories.

    >>> side_by_side(np.zeros((1, 2)), np.array([1]), np.array([[0.5]]), np.array([0]), np.array([[3.0]])).tolist()
    [[3.0, 0.5]]
    """
    plain = isinstance(X, np.ndarray) and X.dtype.kind == "f"
    made = np.empty((len(numbers), np.shape(X)[1]), dtype=X.dtype if plain else object)
    made[:, numeric] = numbers
    made[:, chosen] = names
    return made


def column_block(X: Any, columns: Ints) -> NDArray[Any]:
    """Some columns as an array of objects."""
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        block = np.empty((len(frame), len(columns)), dtype=object)
        for place, column in enumerate(columns.tolist()):
            block[:, place] = frame[frame.columns[column]].to_list()
        return block
    return np.asarray(np.asarray(X)[:, columns])


def most_frequent(near: Ints, n: int, random_state: np.random.RandomState) -> Ints:
    """The most frequent of 0..n-1 in every row of `near` (q, k); draws are settled at random (q,)."""
    rows = np.repeat(np.arange(len(near)), near.shape[1])
    counts = np.bincount(rows * n + near.reshape(-1), minlength=len(near) * n).reshape(len(near), n)
    row, value = np.nonzero(counts == counts.max(axis=1, keepdims=True))
    shuffled = random_state.permutation(len(row))
    rank = np.empty_like(shuffled)
    rank[shuffled] = np.arange(len(row))
    first = np.minimum.reduceat(rank, np.flatnonzero(np.diff(row, prepend=-1)))
    return np.asarray(value[shuffled[first]], dtype=np.int64)
