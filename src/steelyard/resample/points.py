"""Rows prepared so that one matrix product gives a block of squared distances, with a bound on its error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from threading import Lock
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from steelyard.core import count_threads
from steelyard.resample.plan import Ints

__all__ = ["Points", "in_parallel", "single_threaded", "smallest"]

ROWS, QUERIES, PREPARED = 512, 512, 2048
FLOAT32 = 1e-15, 1e17
"""Rows whose largest norm lies outside have squares that no longer fit float32."""


class Points:
    r"""Rows centred and extended so that products are squared distances.

    With :math:`r_i = (x_i, |x_i|^2, 1)` and :math:`l_i = (-2 x_i, 1, |x_i|^2)` the product
    :math:`r_i \cdot l_j` is :math:`|x_i - x_j|^2`. In arithmetic of unit roundoff :math:`u` its error is at
    most :math:`(d + 8)\, u\, (|x_i| + |x_j|)^2`; a row at distance :math:`D` of :math:`x_j` has
    :math:`|x_i| \le |x_j| + D`, so `margin` needs the norm of the query alone. scikit-learn's own rounding,
    on rows that are not centred, is added: whatever is decided outside the margin it decides likewise.

    Args:
        X: rows (n, d), finite numbers.
        dtype: float32 or float64; rows too large or too small for float32 become float64.
    """

    def __init__(self, X: NDArray[Any], dtype: Any = np.float32) -> None:
        self.d = X.shape[1]
        self.outlines: list[Any] = []
        self._prepare(X, np.dtype(dtype))
        if not FLOAT32[0] <= self.norm.max() <= FLOAT32[1] and self.dtype != np.float64:
            self._prepare(X, np.dtype(np.float64))

    def _prepare(self, X: NDArray[Any], dtype: np.dtype[Any]) -> None:
        n, mean = len(X), np.mean(X, axis=0, dtype=np.float64)
        self.dtype, self.right = dtype, np.empty((n, self.d + 2), dtype=dtype)
        self.norm, self.raw_norm = np.empty((2, n))
        for start in range(0, n, PREPARED):
            at = slice(start, start + PREPARED)
            centred, raw = X[at] - mean, X[at].astype(np.float64, copy=False)
            squared = np.einsum("ij,ij->i", centred, centred)
            with np.errstate(over="ignore"):
                self.right[at, : self.d], self.right[at, self.d] = centred, squared
            self.norm[at] = np.sqrt(squared)
            self.raw_norm[at] = np.sqrt(np.einsum("ij,ij->i", raw, raw))
        self.right[:, self.d + 1] = 1

    def left(self, rows: Ints) -> NDArray[Any]:
        """The query side of the product (q, d + 2)."""
        side = self.right[rows]
        side[:, : self.d] *= -2
        side[:, [self.d, self.d + 1]] = side[:, [self.d + 1, self.d]]
        return side

    def margin(self, rows: Ints, squared: NDArray[Any]) -> NDArray[np.float64]:
        """How far a computed squared distance of each query may lie from scikit-learn's."""
        known = np.where(np.isfinite(squared), squared, 0.0)
        reach = np.sqrt(np.maximum(known, 0.0, dtype=np.float64))
        own = np.finfo(self.dtype).eps * (2 * self.norm[rows] + reach) ** 2
        other = 2 * np.finfo(np.float64).eps * (2 * self.raw_norm[rows] + reach) ** 2
        return np.asarray((self.d + 8) * (own + other))

    def nearest(
        self, queries: Ints, others: Ints, m: int, *, farthest: bool = False, n_jobs: int | None = None
    ) -> NDArray[Any]:
        """The m smallest (or largest) squared distances from every query to the others, nearest first (m, q).

        Where there are fewer others, infinity fills up.
        """
        found = np.full((m, len(queries)), np.inf, dtype=self.dtype)
        right = self.right[others]

        def block(start: int) -> None:
            at = slice(start, start + QUERIES)
            left = self.left(queries[at]).T * (-1 if farthest else 1)
            buffer = np.empty((ROWS, left.shape[1]), dtype=self.dtype)
            kept = [found[:, at]]
            for first in range(0, len(right), ROWS):
                part = right[first : first + ROWS]
                kept.append(smallest(np.dot(part, left, out=buffer[: len(part)]), m))
                if len(kept) > 8:
                    kept = [smallest(np.concatenate(kept), m)]
            found[:, at] = np.sort(smallest(np.concatenate(kept), m), axis=0)

        in_parallel(block, range(0, len(queries), QUERIES), n_jobs)
        return -found[::-1] if farthest else found

    def facing(
        self, rows: Ints, others: Ints, *, n_jobs: int | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """The smallest squared distance of every row to the others and of every other to the rows, in one pass."""
        ahead = np.full(len(rows), np.inf, dtype=self.dtype)
        back = np.full(len(others), np.inf, dtype=self.dtype)
        right, lock = self.right[others], Lock()

        def block(start: int) -> None:
            at = slice(start, start + QUERIES)
            left = self.left(rows[at]).T
            buffer = np.empty((ROWS, left.shape[1]), dtype=self.dtype)
            towards = np.empty(len(others), dtype=self.dtype)
            nearest = ahead[at]
            for first in range(0, len(right), ROWS):
                part = right[first : first + ROWS]
                D = np.dot(part, left, out=buffer[: len(part)])
                np.minimum(nearest, D.min(axis=0), out=nearest)
                D.min(axis=1, out=towards[first : first + ROWS])
            with lock:
                np.minimum(back, towards, out=back)

        in_parallel(block, range(0, len(rows), QUERIES), n_jobs)
        return ahead, back


def smallest(D: NDArray[Any], m: int) -> NDArray[Any]:
    """The m smallest values of every column (m, q), in any order; `D` (r, q) is used as scratch space.

    Rows are compared in pairs: of the larger halves only m // 2 can be among the m smallest, since each of
    them brings its partner along. That takes about three vectorised passes instead of a sort.

    >>> smallest(np.array([[5.0], [1.0], [4.0], [2.0], [3.0]]), 2).ravel().tolist()
    [1.0, 2.0]
    """
    if m == 1:
        return np.asarray(D.min(axis=0, keepdims=True))
    pieces = []
    while len(D) > 4 * m:
        half = len(D) // 2
        if len(D) % 2:
            pieces.append(D[-1:])
        low = np.minimum(D[:half], D[half : 2 * half])
        high = np.maximum(D[:half], D[half : 2 * half], out=D[:half])
        pieces.append(smallest(high, m // 2))
        D = low
    pieces.append(D)
    return np.asarray(np.sort(np.concatenate(pieces), axis=0)[:m])


def in_parallel(work: Callable[[int], None], starts: Iterable[int], n_jobs: int | None = None) -> None:
    """Do blocks of work on threads, each with a single-threaded BLAS."""
    starts = list(starts)
    threads = min(_threads(n_jobs), len(starts))
    with single_threaded():
        if threads <= 1:
            for start in starts:
                work(start)
            return
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(work, starts):
                pass


def single_threaded() -> AbstractContextManager[Any]:
    """While it is open a matrix product takes one thread."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited


def _threads(n_jobs: int | None) -> int:
    return int(joblib.cpu_count()) if n_jobs is None else count_threads(n_jobs)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
