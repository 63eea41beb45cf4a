"""Wide sparse tables stay sparse: columns that vary, on one scale for linear learners."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from steelyard.core import DataError

__all__ = ["DENSE_CELLS", "SparseNumbers", "sparse_rows"]

DENSE_CELLS = 2**24  # tables of up to so many cells are handled densely, like any other


def sparse_rows(X: Any) -> sparse.csr_matrix:
    """A sparse matrix of any format as CSR rows of float64.

    Raises:
        DataError: no row, no column, or values that are no real numbers.
    """
    if X.ndim != 2 or X.dtype.kind not in "fiub":
        raise DataError(
            f"a sparse table of {X.ndim} dimensions and kind {X.dtype} came, two dimensions of real numbers were "
            "expected (Complex data not supported); convert it first"
        )
    for count, what in zip(X.shape, ("sample(s)", "feature(s)"), strict=True):
        if not count:
            raise DataError(f"the table has 0 {what} (shape={X.shape}) while a minimum of 1 is required.")
    return sparse.csr_matrix(X, dtype=np.float64)


class SparseNumbers:
    """All columns of a sparse table, float32 CSR out (a matrix, which LightGBM insists on).

    For linear learners each column is divided by its largest training magnitude (zeros stay zeros), missing
    counts as zero and what lies beyond ±`bound` is cut; for trees values pass, infinities as the largest
    float32.
    """

    bound = 4.0

    def __init__(self, *, linear: bool) -> None:
        self.linear = linear

    def learn(self, table: sparse.csr_matrix) -> sparse.csr_matrix:
        """Learn scales and which columns vary; return the finished training rows."""
        top, bottom = table.max(axis=0).toarray().ravel(), table.min(axis=0).toarray().ravel()
        self.kept_ = top != bottom
        reach = np.nan_to_num(np.maximum(abs(top), abs(bottom)), posinf=1.0)
        self.scale_ = np.where(reach > 0, reach, 1.0)
        return self.read(table)

    def read(self, table: sparse.csr_matrix) -> sparse.csr_matrix:
        """The finished rows (n, kept)."""
        rows: sparse.csr_matrix = table.copy()
        largest = float(np.finfo(np.float32).max)
        if self.linear:
            rows.data = np.clip(np.nan_to_num(rows.data / self.scale_[rows.indices]), -self.bound, self.bound)
        else:
            rows.data = np.clip(rows.data, -largest, largest)
        return sparse.csr_matrix(rows[:, self.kept_], dtype=np.float32)

    def names(self, columns: list[str]) -> list[str]:
        """The names of the columns kept."""
        return [name for name, kept in zip(columns, self.kept_, strict=True) if kept]
