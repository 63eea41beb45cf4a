"""What a sampler decided: which rows stay, which were made, and from whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Ints", "Made", "Plan", "between", "is_sparse"]

Ints: TypeAlias = NDArray[np.int64]


def is_sparse(X: Any) -> bool:
    """Whether `X` is a scipy sparse matrix or array; a plain bool, so that the type of `X` stays open."""
    return bool(sparse.issparse(X))


@dataclass(frozen=True)
class Made:
    """Rows that were made.

    Attributes:
        rows: their values (m, d), dense or CSR.
        codes: their class positions (m,), label sets (m, L) or target values (m,).
        start: the row each one was started from (m,).
        parents: a CSR array (m, n) of each row's parents; every row sums to one.
    """

    rows: Any
    codes: NDArray[Any]
    start: Ints
    parents: sparse.csr_array

    @classmethod
    def joined(cls, parts: list[Made]) -> Made | None:
        """Several batches as one, or None when there is none."""
        if not parts:
            return None
        if len(parts) == 1:
            return parts[0]
        rows = [part.rows for part in parts]
        stacked = sparse.vstack(rows, format="csr") if is_sparse(rows[0]) else np.concatenate(rows)
        return cls(
            stacked,
            np.concatenate([part.codes for part in parts]),
            np.concatenate([part.start for part in parts]),
            sparse.csr_array(sparse.vstack([part.parents for part in parts], format="csr")),
        )


@dataclass(frozen=True)
class Plan:
    """The outcome of a sampler on `n` rows.

    Attributes:
        n: rows that came in.
        order: positions into "the n rows, then the made rows", in the order of the output.
        made: the made rows, or None.
    """

    n: int
    order: Ints
    made: Made | None = None

    @classmethod
    def keeping(cls, n: int, rows: Any) -> Plan:
        """Only choose rows."""
        return cls(n, np.asarray(rows, dtype=np.int64))

    @classmethod
    def adding(cls, n: int, parts: list[Made]) -> Plan:
        """Keep every row and append the made ones."""
        made = Made.joined(parts)
        return cls(n, np.arange(n + (0 if made is None else len(made.codes)), dtype=np.int64), made)

    def chosen(self, rows: Ints) -> Plan:
        """The plan whose output rows are those of this plan at `rows`."""
        return Plan(self.n, self.order[rows], self.made)

    @property
    def indices(self) -> Ints:
        """For every row out, the row in it is or was started from."""
        if self.made is None:
            return self.order
        return np.concatenate([np.arange(self.n, dtype=np.int64), self.made.start])[self.order]

    @property
    def origin(self) -> Ints:
        """For every row out, the row in it is, or -1 where it was made."""
        return np.where(self.order < self.n, self.order, -1)

    def codes(self, y: NDArray[Any]) -> NDArray[Any]:
        """The class positions (or label sets, or values) of the rows out."""
        return (y if self.made is None else np.concatenate([y, self.made.codes]))[self.order]

    def weights(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weights of the rows out: a made row weighs what its parents weigh, in their shares."""
        if self.made is None:
            return np.asarray(weight[self.order])
        return np.asarray(np.concatenate([weight, self.made.parents @ weight])[self.order])

    def parents(self) -> sparse.csr_array:
        """The share every row in has in every row out: CSR (rows out, n), every row sums to one."""
        same = sparse.eye_array(self.n, format="csr")
        if self.made is None:
            return sparse.csr_array(same[self.order])
        return sparse.csr_array(sparse.vstack([same, self.made.parents], format="csr")[self.order])


def between(rows: Any, code: int, start: Ints, end: Ints, step: NDArray[np.float64], n: int) -> Made:
    """Rows on the line from `start` to `end`: their parents share as `1 - step` and `step`.

    A step outside 0..1 (a row beyond its parents) counts wholly for the nearer parent.
    """
    m = len(start)
    share = np.clip(np.asarray(step, dtype=np.float64).reshape(m), 0.0, 1.0)
    data = np.column_stack([1.0 - share, share]).reshape(-1)
    columns = np.column_stack([start, end]).reshape(-1)
    parents = sparse.csr_array((data, columns, np.arange(0, 2 * m + 1, 2)), shape=(m, n))
    return Made(rows, np.full(m, code, dtype=np.int64), np.asarray(start, dtype=np.int64), parents)
