"""Arrow columns as numpy: labels as class positions, features as a matrix, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from steelyard.core import DataError
from steelyard.resample.plan import Ints

__all__ = ["common_dtype", "label_values", "matrix", "positions", "with_features"]


def label_values(column: Any, name: str) -> NDArray[Any]:
    """The labels of one piece (n,), numbers or text."""
    if column.null_count:
        raise DataError(f"target {name!r} lacks {column.null_count} values; leave those rows out first")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
        raise DataError(f"target {name!r} lacks values (NaN); leave those rows out first")
    return np.asarray(column.to_numpy())


def positions(labels: NDArray[Any], names: NDArray[Any]) -> Ints:
    """The class position of every label (n,); `names` is sorted and holds them all."""
    return np.searchsorted(names, labels).astype(np.int64)


def common_dtype(schema: Any, features: Sequence[str]) -> np.dtype[Any]:
    """The type a matrix of these columns has, as pandas and numpy would choose it.

    Raises:
        DataError: a column that holds no numbers.
    """
    found = []
    for name in features:
        kind = schema.field(name).type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            raise DataError(
                f"column {name!r} holds {kind} values, distances need numbers; name the columns to measure with "
                "features=[…] (--feature), the others travel along"
            )
        found.append(kind.to_pandas_dtype())
    return np.result_type(*found)


def matrix(piece: Any, features: Sequence[str], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The feature columns of a piece (n, d).

    Raises:
        DataError: missing or infinite values.
    """
    rows = np.empty((piece.num_rows, len(features)), dtype=dtype)
    for i, name in enumerate(features):
        column = piece.column(name)
        if column.null_count:
            raise DataError(f"column {name!r} lacks values, distances need all of them; fill or leave it out")
        rows[:, i] = column.to_numpy()
    if dtype.kind == "f" and not np.isfinite(rows).all():
        bad = features[int(np.argmin(np.isfinite(rows).all(axis=0)))]
        raise DataError(f"column {bad!r} holds missing or infinite values; fill or leave it out")
    return rows


def with_features(piece: Any, features: Sequence[str], rows: NDArray[Any]) -> Any:
    """The piece with other values in its feature columns; whole numbers are cut off towards zero."""
    for i, name in enumerate(features):
        place = piece.schema.get_field_index(name)
        field = piece.schema.field(place)
        whole = not pa.types.is_floating(field.type)
        values = np.trunc(rows[:, i]) if whole else rows[:, i]
        column = pa.array(values).cast(field.type, safe=False)
        piece = piece.set_column(place, field, column)
    return piece
