"""Cut rows by time: equal times stay together, and nothing later is ever in front."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, TooFewSamples

Ints = NDArray[np.int64]


def time_ranks(time: ArrayLike, n: int) -> Ints:
    """Positions 0, 1, … of each row's time among the distinct times (n,).

    Raises:
        DataError: times that are text, missing, or of another number than the rows.
    """
    values: Any = time if isinstance(time, pd.Series) else pd.Series(np.asarray(time))
    if len(values) != n:
        raise DataError(f"{n} rows came with {len(values)} times; pass one a row")
    missing = int(values.isna().sum())
    if missing:
        raise DataError(f"the time is missing in {missing} of {n} rows; fill it in or leave those rows out")
    if pd.api.types.is_bool_dtype(values) or not (
        pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)
    ):
        raise DataError(
            f"the time holds {values.iloc[0]!r} and the like ({values.dtype}), expected numbers or dates; convert it"
        )
    return np.unique(values.to_numpy(), return_inverse=True)[1].astype(np.int64)


def last_cut(ranks: Ints, size: float) -> int:
    """The first time of the latest part, which holds as nearly `size` of the rows as equal times allow."""
    before = np.cumsum(np.bincount(ranks))[:-1]
    if not len(before):
        raise TooFewSamples("all rows have the same time, so there is no later part; split without time")
    return int(np.argmin(np.abs(before - (1 - size) * len(ranks)))) + 1


def blocks(ranks: Ints, y: Ints, n_folds: int) -> list[tuple[int, int]]:
    """First and end time of `n_folds` successive test blocks of about equal rows.

    The first block starts after a 1 / (n_folds + 1) share of the rows, or later, when only then two classes
    have two rows each and every class that occurs in the first half of the rows has been seen.
    """
    rows_before = np.concatenate([[0], np.cumsum(np.bincount(ranks))])
    n_times, n = len(rows_before) - 1, len(ranks)
    first = max(
        int(np.searchsorted(rows_before, n / (n_folds + 1))), _enough_seen(ranks, y, int(np.median(ranks)))
    )
    first = min(max(first, 1), n_times)
    if n_times - first < n_folds:
        raise TooFewSamples(
            f"{n_folds} folds in order of time need {n_folds} distinct times after the first training rows, "
            f"there are {n_times - first}; use fewer folds or a finer time"
        )
    cuts = [first]
    for number in range(1, n_folds):
        wanted = rows_before[first] + number * (n - rows_before[first]) / n_folds
        nearest = int(np.argmin(np.abs(rows_before - wanted)))
        cuts.append(min(max(nearest, cuts[-1] + 1), n_times - n_folds + number))
    return list(zip(cuts, [*cuts[1:], n_times], strict=True))


def settle_groups(train: Ints, test: Ints, groups: Ints | None) -> tuple[Ints, Ints]:
    """Leave out rows so that no group is on both sides: each group stays where it has more rows."""
    if groups is None:
        return train, test
    n_groups = int(groups.max()) + 1
    before, after = (np.bincount(groups[rows], minlength=n_groups) for rows in (train, test))
    in_test = after > before
    return train[~in_test[groups[train]]], test[in_test[groups[test]]]


def _enough_seen(ranks: Ints, y: Ints, middle: int) -> int:
    """The earliest time by which two classes have two rows and all classes of the first half have one."""
    order = np.argsort(ranks, kind="stable")
    once, twice = [], []
    for code in np.unique(y):
        times = ranks[order[y[order] == code]]
        once += [int(times[0])] if times[0] <= middle else []
        twice += [int(times[1])] if len(times) > 1 else []
    if len(twice) < 2:
        raise TooFewSamples("fewer than two classes have two rows, so no fold can learn to tell them apart")
    return max([sorted(twice)[1], *once]) + 1
