"""SMOTE for categories alone."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import mode
from sklearn.base import clone
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils import check_array, check_random_state

from steelyard.resample.categories import column_block
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Made, Plan, is_sparse
from steelyard.resample.smote import SMOTE
from steelyard.resample.strategy import Strategy

__all__ = ["SMOTEN"]

BLOCK = 256


class SMOTEN(SMOTE):
    r"""Make rows of categories: every column takes the most frequent category among a row and its neighbours.

    When to use it: tables of categories only. Distances are those of the value difference metric:
    :math:`\sum_f \big(\sum_c |p(c \mid x_f) - p(c \mid z_f)|\big)^2`, two categories being near when the classes
    occur with them alike. A made row's parents are the row and its neighbours in equal shares.

    Args:
        categorical_encoder: an unfitted encoder to whole numbers from 0, instead of OrdinalEncoder.
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn.
        k_neighbors: neighbours besides the row itself.

    Raises:
        UsageError: an option out of range.

    >>> X = np.array([["a"], ["a"], ["b"], ["b"], ["c"], ["c"]], dtype=object)
    >>> SMOTEN(random_state=0, k_neighbors=1).fit_resample(X, [0, 0, 0, 0, 1, 1])[0].ravel().tolist()[6:]
    ['c', 'c']

    Source: Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE; Stanfill, Waltz (1986) for the metric.
    """

    _takes_any_columns: ClassVar[bool] = True
    _takes_holes: ClassVar[bool] = False

    def __init__(
        self,
        categorical_encoder: Any = None,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.categorical_encoder = categorical_encoder

    def _plan(self, X: Any, y: Ints) -> Plan:
        default = OrdinalEncoder(dtype=np.int32)
        self.categorical_encoder_ = (
            default if self.categorical_encoder is None else clone(self.categorical_encoder)
        )
        columns = self._columns(X)
        codes = np.asarray(self.categorical_encoder_.fit_transform(columns), dtype=np.int64)
        tables = [_difference(codes[:, j], y) for j in range(codes.shape[1])]
        parts = []
        for code, wanted in self._wanted.items():
            if not wanted:
                continue
            rows = np.flatnonzero(y == code)
            k = min(check_neighbours(self.k_neighbors, "k_neighbors") + 1, len(rows))
            if k == len(rows) <= check_neighbours(self.k_neighbors, "k_neighbors"):
                self._notice(f"{self._class(code)} has {len(rows)} rows: all are taken for neighbours")
            near = _nearest(codes[rows], tables, k)
            drawn = check_random_state(self.random_state).choice(
                np.arange(len(rows)), size=wanted, replace=True
            )
            voted = np.asarray(mode(codes[rows][near], axis=1, keepdims=False).mode)
            made = self.categorical_encoder_.inverse_transform(voted[drawn])
            parts.append(_made(made, code, rows, near, drawn, len(y), thin=is_sparse(X)))
        return Plan.adding(len(y), parts)

    def _check_rows(self, X: Any) -> None:
        check_array(self._columns(X), dtype=None)

    def _columns(self, X: Any) -> Any:
        return X.toarray() if is_sparse(X) else column_block(X, np.arange(self.n_features_in_))


def _difference(column: Ints, y: Ints) -> NDArray[np.float64]:
    """The squared difference of every two categories of a column (c, c)."""
    shape = int(column.max()) + 1, int(y.max()) + 1
    counts = np.bincount(column * shape[1] + y, minlength=shape[0] * shape[1]).reshape(shape)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.abs(share[:, None, :] - share[None, :, :]).sum(axis=2) ** 2)


def _nearest(codes: Ints, tables: list[NDArray[np.float64]], k: int) -> Ints:
    """The k nearest rows of every row, itself included, ordered as scikit-learn orders given distances.

    One product of the differences to every category with the categories of all rows gives the distances up to
    rounding. Rows it cannot order are summed column by column.
    """
    n, width = len(codes), sum(len(table) for table in tables)
    if k >= n:
        return _ordered(codes, tables, np.arange(n), k)
    offset = np.cumsum([0, *(len(table) for table in tables[:-1])])
    hot = np.zeros((width, n))
    hot[(codes + offset).T, np.arange(n)] = 1.0
    found = np.empty((n, k), dtype=np.int64)
    for start in range(0, n, BLOCK):
        block = codes[start : start + BLOCK]
        away = np.hstack([table[block[:, j]] for j, table in enumerate(tables)]) @ hot
        near = np.argpartition(away, k, axis=1)[:, : k + 1]
        value = np.take_along_axis(away, near, axis=1)
        order = np.argsort(value, axis=1)
        value = np.take_along_axis(value, order, axis=1)
        found[start : start + BLOCK] = np.take_along_axis(near, order, axis=1)[:, :k]
        rounding = 4 * width * np.finfo(float).eps * (1 + value[:, -1:])
        close = np.flatnonzero((np.diff(value, axis=1) <= rounding).any(axis=1))
        found[start + close] = _ordered(codes, tables, start + close, k)
    return found


def _ordered(codes: Ints, tables: list[NDArray[np.float64]], rows: Ints, k: int) -> Ints:
    """The k nearest rows of some rows, from sums in scikit-learn's order (q, k)."""
    away = np.zeros((len(rows), len(codes)))
    for j, table in enumerate(tables):
        away += table[codes[rows, j]][:, codes[:, j]]
    near = np.argpartition(away, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(away, near, axis=1), axis=1)
    return np.take_along_axis(near, order, axis=1)


def _made(rows_made: Any, code: int, rows: Ints, near: Ints, drawn: Ints, n: int, *, thin: bool) -> Made:
    m, k = len(drawn), near.shape[1]
    parents = sparse.csr_array(
        (np.full(m * k, 1.0 / k), rows[near[drawn]].reshape(-1), np.arange(0, m * k + 1, k)), shape=(m, n)
    )
    values = sparse.csr_matrix(rows_made) if thin else rows_made
    return Made(values, np.full(m, code, dtype=np.int64), rows[drawn], parents)


CARD = {
    "lever": "resample",
    "name": "SMOTEN",
    "title": "SMOTE for categories",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique",
    "facts": {"kind": "over"},
}
