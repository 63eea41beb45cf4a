"""Give rows back in the container, with the column types and label shape they came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from steelyard.resample.plan import Ints, Plan, is_sparse

__all__ = ["apply_plan", "as_matrix", "labels_like", "take", "written_like"]


def as_matrix(X: Any) -> Any:
    """`X` as something scikit-learn's validation reads: other eager frames than pandas become pandas."""
    frame = _narwhal(X)
    return X if frame is None or isinstance(X, pd.DataFrame) else frame.to_pandas()


def take(X: Any, rows: Ints) -> Any:
    """The given rows in the container they came in; pandas objects get a fresh index."""
    if isinstance(X, pd.DataFrame | pd.Series):
        return X.iloc[rows].reset_index(drop=True)
    if isinstance(X, list):
        return [X[i] for i in rows.tolist()]
    if is_sparse(X):
        return X.tocsr()[rows].asformat(X.format)
    frame = _narwhal(X)
    if frame is not None:
        return nw.to_native(frame[rows])
    return _taken(np.asarray(X), rows)


def _taken(X: NDArray[Any], rows: Ints) -> NDArray[Any]:
    """Rows of an array; when they start with all there are, these are copied at one go."""
    n = len(X)
    if len(rows) < max(n, 1) or rows[n - 1] != n - 1 or not _ascending(rows[:n]):
        return np.asarray(X[rows])
    out = np.empty((len(rows), *X.shape[1:]), dtype=X.dtype)
    out[:n] = X
    out[n:] = X[rows[n:]]
    return out


def apply_plan(plan: Plan, X: Any) -> Any:
    """The rows of the plan, built from `X` in its own container."""
    if plan.made is None:
        return take(X, plan.order)
    kept = int(np.searchsorted(plan.order, plan.n)) if _ascending(plan.order) else -1
    if kept >= 0 and len(plan.order) - kept == len(plan.made.codes):
        whole = kept == plan.n
        return _joined(X if whole else take(X, plan.order[:kept]), plan.made.rows)
    return take(_joined(X, plan.made.rows), plan.order)


def _ascending(order: Ints) -> bool:
    return bool(np.all(order[1:] > order[:-1]))


def _joined(X: Any, made: Any) -> Any:
    if isinstance(X, pd.DataFrame):
        return pd.concat([X, _pandas_like(X, made)], ignore_index=True)
    if isinstance(X, list):
        return X + np.asarray(made).tolist()
    if is_sparse(X):
        new = made if is_sparse(made) else sparse.csr_matrix(made)
        return sparse.vstack([X, new.astype(X.dtype)], format=X.format)
    frame = _narwhal(X)
    if frame is not None:
        return nw.to_native(nw.concat([frame, _frame_like(frame, made)], how="vertical"))
    old, new = np.asarray(X), made.toarray() if is_sparse(made) else np.asarray(made)
    joined = np.empty((len(old) + len(new), old.shape[1]), dtype=old.dtype)
    joined[: len(old)] = old
    joined[len(old) :] = new
    return joined


def _pandas_like(X: pd.DataFrame, made: Any) -> Any:
    if is_sparse(made):
        sparse_frames: Any = pd.DataFrame.sparse
        frame = sparse_frames.from_spmatrix(sparse.csr_matrix(made))
    else:
        frame = pd.DataFrame(made)
    columns = [_cast_pandas(frame.iloc[:, i], X.dtypes.iloc[i]) for i in range(X.shape[1])]
    return pd.concat(columns, axis=1).set_axis(X.columns, axis=1)


def _cast_pandas(column: Any, dtype: Any) -> Any:
    if pd.api.types.is_extension_array_dtype(dtype) and pd.api.types.is_integer_dtype(dtype):
        return pd.Series(np.trunc(np.asarray(column, dtype=float))).astype(dtype)
    return column.astype(dtype)


def _frame_like(frame: Any, made: Any) -> Any:
    values = made.toarray() if is_sparse(made) else np.asarray(made)
    backend = frame.implementation
    columns = {}
    for i, (name, dtype) in enumerate(frame.schema.items()):
        column = values[:, i]
        if dtype.is_integer():
            column = np.trunc(column.astype(float)).astype(np.int64)
        elif column.dtype == object:
            column = column.tolist()
        columns[name] = nw.new_series(name, column, backend=backend).cast(dtype)
    return nw.from_dict(columns, backend=backend)


def _narwhal(X: Any) -> Any:
    frame = nw.from_native(X, eager_only=True, allow_series=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame | nw.Series) else None


def labels_like(y: Any, names: NDArray[Any]) -> Callable[[Ints], Any]:
    """How to write class positions the way `y` was written: vector, one column, or one column a class."""
    if len(np.shape(y)) == 2 and np.shape(y)[1] > 1:
        width = np.shape(y)[1]
        return lambda codes: written_like(y, np.eye(width, dtype=np.int64)[names[codes].astype(np.int64)])
    return lambda codes: written_like(y, names[codes])


def written_like(y: Any, values: NDArray[Any]) -> Any:
    """Labels or target values in the container and type of `y`."""
    if isinstance(y, list):
        return values.tolist()
    if isinstance(y, pd.Series):
        return pd.Series(values, name=y.name).astype(y.dtype)
    if isinstance(y, pd.DataFrame):
        return pd.DataFrame(values, columns=y.columns).astype(y.dtypes)
    if is_sparse(y):
        return sparse.csr_matrix(values.astype(y.dtype))
    frame = _narwhal(y)
    if isinstance(frame, nw.Series):
        made = nw.new_series(frame.name, values.tolist(), frame.dtype, backend=frame.implementation)
        return nw.to_native(made)
    if isinstance(frame, nw.DataFrame):
        return nw.to_native(_frame_like(frame, values.reshape(len(values), -1)))
    return values.astype(np.asarray(y).dtype)
