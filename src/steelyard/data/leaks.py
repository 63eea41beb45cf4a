"""Prove that two parts of a data set share nothing, and keep equal rows together so that they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.core import DataError, LeakError
from steelyard.data.provenance import Provenance
from steelyard.data.timing import time_ranks

__all__ = ["assert_disjoint", "duplicate_groups"]

Ints = NDArray[np.int64]


def duplicate_groups(frame: pd.DataFrame, *, groups: ArrayLike | None = None) -> Ints:
    """A group number for every row (n,), equal for rows that are equal in all columns.

    When to use it: where a table repeats rows, so that no copy of a training row is judged on:
    `make_folds(y, groups=duplicate_groups(X))`. With `groups`, rows that are in one group or equal, directly or
    through others, get one number.

    Args:
        frame: the columns that make two rows equal, usually all a model sees.
        groups: groups to respect as well (n,); missing ones are groups of their own.

    >>> duplicate_groups(pd.DataFrame({"x": [5, 7, 5, 9]})).tolist()
    [0, 1, 0, 2]
    >>> duplicate_groups(pd.DataFrame({"x": [5, 7, 5, 9]}), groups=["a", "a", "b", "c"]).tolist()
    [0, 0, 0, 1]
    """
    equal = pd.factorize(_row_hashes(frame))[0].astype(np.int64)
    if groups is None:
        return equal
    values = pd.factorize(pd.Series(np.asarray(groups)))[0].astype(np.int64)
    if len(values) != len(frame):
        raise DataError(f"{len(frame)} rows came with {len(values)} groups; pass one a row")
    named = np.flatnonzero(values >= 0)
    # rows and groups are the two sides of a graph: what hangs together is one group
    size = int(equal.max(initial=-1)) + 1 + int(values.max(initial=-1)) + 1
    other = values[named] + int(equal.max(initial=-1)) + 1
    links = sparse.coo_array((np.ones(len(named)), (equal[named], other)), shape=(size, size))
    connected = sparse.csgraph.connected_components(links, directed=False)[1]
    return pd.factorize(connected[equal])[0].astype(np.int64)


def assert_disjoint(
    train: ArrayLike,
    test: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    frame: pd.DataFrame | None = None,
    provenance: Provenance | None = None,
) -> None:
    """Raise unless two parts share no row, no group, no moment, no equal row and no ancestor.

    When to use it: on splits made elsewhere, and wherever a result seems too good.

    Args:
        train, test: positions of rows.
        groups: group of every row of the table (n,); none may be on both sides.
        time: time of every row (n,); every training row must be earlier than every test row.
        frame: the table; no test row may equal a training row in all its columns.
        provenance: where the rows of a resampled table come from; test rows must be untouched originals, and
            no training row may be, or be made from, one of them.

    Raises:
        LeakError: what is shared, how often, and an example.

    >>> assert_disjoint([0, 1], [2], groups=["a", "b", "b"])
    Traceback (most recent call last):
    steelyard.core.errors.LeakError: 1 groups are on both sides of the split ('b' in training row 1 and test row 2); ...
    """
    left, right = np.asarray(train, dtype=np.int64), np.asarray(test, dtype=np.int64)
    shared = np.intersect1d(left, right)
    if len(shared):
        raise LeakError(
            f"{len(shared)} rows are in training and in test (row {shared[0]} for one); split them apart"
        )
    if groups is not None:
        _refuse_shared(_codes(groups), np.asarray(groups), left, right, "groups", "split with groups=")
    if time is not None:
        _refuse_future(time, left, right)
    if frame is not None:
        hashes = _row_hashes(frame)
        _refuse_shared(
            hashes,
            None,
            left,
            right,
            "equal rows",
            "split with groups=duplicate_groups(frame) or drop copies",
        )
    if provenance is not None:
        _refuse_heirs(provenance, left, right)


def _refuse_heirs(provenance: Provenance, left: Ints, right: Ints) -> None:
    provenance.refuse_evaluation(right)
    heirs = np.intersect1d(provenance.ancestors(left), provenance.ancestors(right))
    if len(heirs):
        raise LeakError(
            f"training rows are, or were made from, {len(heirs)} original rows of the test part "
            f"(row {heirs[0]} for one); split first, then resample the training part alone"
        )


def _codes(groups: ArrayLike) -> Ints:
    codes = pd.factorize(pd.Series(np.asarray(groups)))[0].astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _refuse_shared(
    codes: NDArray[Any], names: NDArray[Any] | None, left: Ints, right: Ints, what: str, advice: str
) -> None:
    shared = np.intersect1d(codes[left], codes[right])
    if len(shared):
        row, other = (part[np.flatnonzero(codes[part] == shared[0])[0]] for part in (left, right))
        example = f"{names[[row]].tolist()[0]!r} in " if names is not None else ""
        raise LeakError(
            f"{len(shared)} {what} are on both sides of the split "
            f"({example}training row {row} and test row {other}); {advice}"
        )


def _refuse_future(time: ArrayLike, left: Ints, right: Ints) -> None:
    ranks = time_ranks(time, len(np.asarray(time)))
    if len(left) and len(right) and ranks[left].max() >= ranks[right].min():
        late = int((ranks[left] >= ranks[right].min()).sum())
        raise LeakError(
            f"{late} training rows are not earlier than the first test row (row {left[np.argmax(ranks[left])]} "
            "is the latest); split by time, with time="
        )


def _row_hashes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_pandas_object(frame, index=False).to_numpy())
