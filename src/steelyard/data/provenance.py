"""Where resampled rows come from, and a guard that keeps fitting away from evaluation rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.core import DataError, LeakError, UsageError

__all__ = ["Provenance", "TrainOnly"]

Ints = NDArray[np.int64]
FITTING = ("fit", "fit_resample", "fit_transform", "fit_predict", "partial_fit", "resample")


@dataclass(frozen=True, eq=False)
class Provenance:
    """For every row: the original row it is, or the original rows it was made from.

    Attributes:
        origin: the original row (n,), -1 for a made row.
        parents: CSR (n, N) over all original rows: entries where a row owes something to an original one. A
            row that was kept owes everything to itself; a made row without entries may owe something to any.
        seen: the original rows that went in (M,), which is what rows without entries may owe something to.

    >>> kept = Provenance.of_rows([4, 7])
    >>> made = Provenance(np.array([4, -1]), sparse.csr_array(np.array([[0, 0, 0, 0, 1, 0], [0, 0, 0, 0, .5, .5]])))
    >>> kept.synthetic.tolist(), made.synthetic.tolist(), made.ancestors([1]).tolist()
    ([False, False], [False, True], [4, 5])
    """

    origin: Ints
    parents: Any
    seen: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @classmethod
    def of_rows(cls, rows: ArrayLike) -> Provenance:
        """The provenance of original rows, untouched."""
        origin = np.asarray(rows, dtype=np.int64)
        if origin.ndim != 1 or (origin < 0).any():
            raise UsageError("rows must be the positions of original rows, one each, none negative")
        return cls(origin, _one_parent(origin), np.unique(origin))

    @property
    def synthetic(self) -> NDArray[np.bool_]:
        """Which rows were made (n,)."""
        return self.origin < 0

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.origin)

    def take(self, positions: ArrayLike) -> Provenance:
        """The provenance of some of the rows."""
        chosen = np.asarray(positions)
        return Provenance(self.origin[chosen], self.parents[chosen], self.seen)

    def then(self, later: Provenance) -> Provenance:
        """The provenance of rows resampled from these: `later` speaks of positions in here."""
        width = later.parents.shape[1]
        if width > len(self):
            raise DataError(
                f"the later step speaks of {width} rows, there were {len(self)}; pass its own account"
            )
        entries = sparse.coo_array(later.parents)
        padded = sparse.csr_array((entries.data, entries.coords), shape=(len(later), len(self)))
        origin = np.where(later.origin < 0, -1, self.origin[later.origin])
        return Provenance(origin, sparse.csr_array(padded @ self.parents), self.seen)

    def ancestors(self, positions: ArrayLike | None = None) -> Ints:
        """The original rows that some rows (by default all) are or were made from."""
        part = self.parents if positions is None else self.parents[np.asarray(positions)]
        known = np.unique(part.indices).astype(np.int64)
        return np.union1d(known, self.seen) if (np.diff(part.indptr) == 0).any() else known

    def refuse_evaluation(self, positions: ArrayLike | None = None) -> None:
        """Raise when rows that are to be judged on were made, or are one original row several times.

        Raises:
            LeakError: naming how many rows were made or repeated.
        """
        origin = self.origin if positions is None else self.origin[np.asarray(positions)]
        made = int((origin < 0).sum())
        if made:
            raise LeakError(
                f"{made} of {len(origin)} rows to be split or judged on were made by a resampler; "
                "split first, then resample the training part alone"
            )
        repeated = len(origin) - len(np.unique(origin))
        if repeated:
            raise LeakError(
                f"{repeated} of {len(origin)} rows to be split or judged on repeat an original row; "
                "split first, then resample the training part alone"
            )


class TrainOnly:
    """Wrap anything that fits or resamples, so that it refuses evaluation rows.

    When to use it: around every step that learns from labels or makes rows, once the test rows are known. A
    pandas frame says by its index which rows it holds (steelyard's frames are numbered that way); arrays need
    `rows=`, their positions in the whole table. All else (predict, transform, attributes) passes through.

    Args:
        step: an object with fit, fit_resample, fit_transform, fit_predict, partial_fit or resample.
        evaluation: original rows no step may see, such as `split.test`.

    Attributes:
        provenance_: after a resampling call, where its rows come from, in terms of original rows.

    Raises:
        LeakError: the rows hold evaluation rows, or an earlier resampler made rows from them.
        UsageError: nothing says which rows these are.

    >>> from sklearn.dummy import DummyClassifier
    >>> guarded = TrainOnly(DummyClassifier(), evaluation=[2])
    >>> guarded.fit([[0], [1]], [0, 1], rows=[0, 1]).predict([[5]]).tolist()
    [0]
    >>> guarded.fit([[0], [1]], [0, 1], rows=[0, 2])
    Traceback (most recent call last):
    steelyard.core.errors.LeakError: DummyClassifier was to fit on 1 evaluation rows (row 2 and others ...
    """

    def __init__(self, step: Any, *, evaluation: ArrayLike) -> None:
        self.step = step
        self.evaluation = np.unique(np.asarray(evaluation, dtype=np.int64))
        self.provenance_: Provenance | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "step":
            raise AttributeError(name)
        found = getattr(self.step, name)
        return self._guarded(name, found) if name in FITTING else found

    def _guarded(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def guarded(
            X: Any, y: Any = None, *, rows: ArrayLike | Provenance | None = None, **named: Any
        ) -> Any:
            given = _provenance(X, rows)
            self._refuse(name, given)
            result = method(X, **named) if y is None else method(X, y, **named)
            if name in ("fit_resample", "resample"):
                self.provenance_ = given.then(_account(self.step, result, X))
            return self if result is self.step else result

        return guarded

    def _refuse(self, name: str, given: Provenance) -> None:
        seen = np.intersect1d(given.ancestors(), self.evaluation)
        if len(seen):
            verb = name.replace("_", " and ").replace("partial and fit", "fit")
            raise LeakError(
                f"{type(self.step).__name__} was to {verb} on {len(seen)} evaluation rows (row {seen[0]} and "
                "others like it); pass training rows only"
            )


def _provenance(X: Any, rows: ArrayLike | Provenance | None) -> Provenance:
    if rows is None:
        if not isinstance(X, pd.DataFrame | pd.Series):
            raise UsageError(
                "nothing says which rows these are; pass rows=, their positions in the whole table"
            )
        rows = X.index
    given = rows if isinstance(rows, Provenance) else Provenance.of_rows(rows)
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    if len(given) != n:
        raise UsageError(f"{n} rows came with {len(given)} positions; pass one a row")
    return given


def _account(step: Any, result: Any, X: Any) -> Provenance:
    """Where the rows out of a resampler come from, by its own account or by comparing rows."""
    own = result if hasattr(result, "origin") and hasattr(result, "parents") else step
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    origin = getattr(own, "origin", getattr(own, "origin_", None))
    if origin is not None:
        parents = getattr(own, "parents", getattr(own, "parents_", None))
        origin = np.asarray(origin, dtype=np.int64)
        return Provenance(origin, _one_parent(origin, n) if parents is None else sparse.csr_array(parents))
    rows_out = result[0] if isinstance(result, tuple) else result.X
    hashes_out, hashes_in = _hashes(rows_out), _hashes(X)
    chosen = getattr(step, "sample_indices_", None)
    if chosen is not None and len(chosen) == len(hashes_out):
        started = np.asarray(chosen, dtype=np.int64)
        return Provenance(np.where(hashes_in[started] == hashes_out, started, -1), _one_parent(started, n))
    origin = _same_rows(hashes_out, hashes_in)
    return Provenance(origin, _one_parent(origin, n))


def _one_parent(origin: Ints, n: int | None = None) -> Any:
    """Every row owes all to one original row; where that is -1, nothing is known."""
    width = int(origin.max(initial=-1)) + 1 if n is None else n
    kept = np.flatnonzero(origin >= 0)
    return sparse.csr_array((np.ones(len(kept)), (kept, origin[kept])), shape=(len(origin), width))


def _hashes(X: Any) -> NDArray[np.uint64]:
    dense = X.toarray() if hasattr(X, "toarray") else X
    frame = dense if isinstance(dense, pd.DataFrame) else pd.DataFrame(np.asarray(dense))
    return np.asarray(pd.util.hash_pandas_object(frame, index=False).to_numpy())


def _same_rows(rows_out: NDArray[np.uint64], rows_in: NDArray[np.uint64]) -> Ints:
    known, first = np.unique(rows_in, return_index=True)
    place = np.minimum(np.searchsorted(known, rows_out), len(known) - 1)
    return np.where(known[place] == rows_out, first[place], -1).astype(np.int64)
