"""Any table-like input becomes a pandas frame; scipy's sparse matrices stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from steelyard.core import DataError

__all__: list[str] = []


def as_frame(X: Any) -> tuple[pd.DataFrame, bool]:
    """A pandas frame of the rows of `X`, and whether its columns carry names of their own.

    Takes pandas, whatever narwhals reads eagerly (polars, pyarrow …), 2-D arrays and nested lists; columns of
    the latter are named x0, x1, ….

    Raises:
        DataError: not two-dimensional, no row, no column, complex numbers, or a name that occurs twice.
    """
    frame = X if isinstance(X, pd.DataFrame) else _foreign_frame(X)
    named = frame is not None
    if frame is None:
        frame = _array_frame(_array(X))
    if not len(frame):
        raise DataError(f"the table has 0 sample(s) (shape={frame.shape}) while a minimum of 1 is required.")
    if not frame.shape[1]:
        raise DataError(f"the table has 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique().tolist()
        raise DataError(f"the column names {twice[:5]!r} occur more than once; rename or drop the doubles")
    return frame, named


def _foreign_frame(X: Any) -> pd.DataFrame | None:
    if isinstance(X, (np.ndarray, list, tuple)):
        return None
    import narwhals as nw

    native = nw.from_native(X, pass_through=True, allow_series=True)
    if isinstance(native, nw.DataFrame):
        return native.to_pandas()
    if isinstance(native, nw.LazyFrame):
        raise DataError("the table is a lazy query, rows in memory were expected; collect it first")
    return None


def _array(X: Any) -> Any:
    try:
        return np.asarray(X)
    except ValueError as error:
        raise DataError("rows of different lengths came; give every row one value for each column") from error


def _array_frame(array: Any) -> pd.DataFrame:
    if array.ndim != 2:
        shape = "scalar" if array.ndim == 0 else f"{array.ndim}D"
        raise DataError(
            f"Expected 2D array, got {shape} array instead (shape={array.shape}). Reshape your data with "
            "array.reshape(-1, 1) if it is one feature, or array.reshape(1, -1) if it is one sample."
        )
    if array.dtype.kind == "c":
        raise DataError("Complex data not supported: pass real and imaginary parts as two columns")
    if array.dtype.kind == "V":
        raise DataError(f"rows of the structured kind {array.dtype} came; pass a frame with named columns")
    frame = pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])], copy=False)
    return frame.infer_objects() if array.dtype.kind in "OUS" else frame
