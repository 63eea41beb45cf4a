"""Split rows into training and test parts that share nothing: no row, no group, no moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, TooFewSamples, UsageError, derive
from steelyard.data.dealing import deal, labelled_groups
from steelyard.data.provenance import Provenance
from steelyard.data.timing import blocks, last_cut, settle_groups, time_ranks

__all__ = ["Fold", "Split", "final_split", "make_folds"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """A training and a final test part.

    Attributes:
        train, test: positions of rows, ascending.
        how: one sentence on how they were cut.
        left_out: rows in neither part, because their group or class would have leaked or been unknown.
    """

    train: Ints
    test: Ints
    how: str
    left_out: Ints


@dataclass(frozen=True, eq=False)
class Fold:
    """One round of cross-validation.

    Attributes:
        repeat: which shuffle it belongs to, from 0.
        number: which fold of that shuffle, from 0.
        train, test: positions of rows, ascending.
    """

    repeat: int
    number: int
    train: Ints
    test: Ints


def final_split(
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    size: float = 0.2,
    seed: int = 0,
    provenance: Provenance | None = None,
) -> Split:
    """Set a test part aside that no choice may see.

    When to use it: first, before anything learns from labels or makes rows.

    Without `time`, rows (with `groups`, whole groups) are drawn so that every class has its share in the test
    part; each class keeps rows in training, and classes in three or more groups are in the test part too.
    With `time`, the latest rows are the test part. With both, a group that would straddle the cut stays on the
    side where it has more rows and its other rows are left out. Test rows of a class that training never saw
    are left out.

    Args:
        y: labels (n,) of any kind; only which rows are equal matters.
        groups: group of each row (n,); a row whose group is missing is a group of its own.
        time: numbers or dates (n,); rows with equal times never part.
        size: the share of rows for the test part.
        seed: decides among equals.
        provenance: where resampled rows come from, if any; made rows are refused.

    Raises:
        TooFewSamples: one of the parts would have fewer than two classes.
        LeakError: `provenance` holds made or repeated rows.
        UsageError: `size` is not between 0 and 1.

    >>> y = [0] * 90 + [1] * 10
    >>> split = final_split(y)
    >>> len(split.train), len(split.test), sum(y[i] for i in split.test)
    (80, 20, 2)
    >>> final_split([0, 1] * 5, time=range(10, 0, -1)).test.tolist()
    [0, 1]
    """
    if not 0 < size < 1:
        raise UsageError(f"size is {size}, expected a share between 0 and 1")
    codes = _labels(y)
    group_codes = _groups(groups, len(codes))
    if provenance is not None:
        provenance.refuse_evaluation()
    if time is None:
        rng = np.random.default_rng(derive(seed, "final split"))
        train, test = _draw(codes, group_codes, size, rng)
        how = "drawn by class" if groups is None else "drawn by class, whole groups at a time"
    else:
        train, test = _latest(codes, group_codes, time_ranks(time, len(codes)), size)
        how = "the latest rows" if groups is None else "the latest rows, no group on both sides"
    for name, part in (("training", train), ("test", test)):
        _refuse_one_class(codes[part], name, size)
    left_out = np.setdiff1d(np.arange(len(codes)), np.concatenate([train, test]))
    dropped = f", {len(left_out)} rows left out" if len(left_out) else ""
    return Split(train, test, f"{len(test)} of {len(codes)} rows, {how}{dropped}", left_out)


def make_folds(
    y: ArrayLike,
    *,
    n_folds: int = 5,
    repeats: int = 1,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    seed: int = 0,
    provenance: Provenance | None = None,
) -> list[Fold]:
    """Folds for cross-validation, in which every class is in every training part.

    When to use it: wherever a choice is to be made from the training rows.

    Without `time`, each row (with `groups`, each group) is in one test part of each repeat and classes are
    spread evenly; a class that lies in a single row or group is in training always and in no test part. With
    `time`, the rows are cut into successive blocks; each is the test part of a fold that trains on all earlier
    ones. There is one order of time, so there is one repeat. With both, groups that would straddle stay where
    they have more rows, fold by fold; test rows of a class not seen before are left out.

    Args:
        y: labels (n,) of any kind; only which rows are equal matters.
        n_folds: how many test parts.
        repeats: how many shuffles.
        groups: group of each row (n,); `duplicate_groups` keeps equal rows together.
        time: numbers or dates (n,); rows with equal times never part.
        seed: decides among equals.
        provenance: where resampled rows come from, if any; made rows are refused.

    Raises:
        TooFewSamples: fewer than two classes can be tested, or there are fewer groups or times than folds.
        LeakError: `provenance` holds made or repeated rows.
        UsageError: fewer than two folds or fewer than one repeat.

    >>> y = [0] * 8 + [1] * 2
    >>> [sum(y[i] for i in fold.test) for fold in make_folds(y, n_folds=2)]
    [1, 1]
    """
    if n_folds < 2 or repeats < 1:
        raise UsageError(f"n_folds is {n_folds} and repeats {repeats}, expected at least 2 and 1")
    codes = _labels(y)
    group_codes = _groups(groups, len(codes))
    if provenance is not None:
        provenance.refuse_evaluation()
    if time is not None:
        return _ordered(codes, group_codes, time_ranks(time, len(codes)), n_folds)
    return [
        fold for repeat in range(repeats) for fold in _shuffled(codes, group_codes, n_folds, repeat, seed)
    ]


def _labels(y: ArrayLike) -> Ints:
    """Class positions in order of first appearance, which no dtype changes."""
    values: Any = y if isinstance(y, pd.Series) else pd.Series(np.asarray(y))
    if values.ndim != 1 or not len(values):
        raise DataError("y holds no labels; pass one label a row, at least one row")
    if values.isna().any():
        raise DataError(f"the label is missing in {int(values.isna().sum())} rows; leave those rows out")
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _groups(groups: ArrayLike | None, n: int) -> Ints | None:
    if groups is None:
        return None
    values: Any = groups if isinstance(groups, pd.Series) else pd.Series(np.asarray(groups))
    if len(values) != n:
        raise DataError(f"{n} labels came with {len(values)} groups; pass one a row")
    codes = np.array(pd.factorize(values)[0], dtype=np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _draw(codes: Ints, groups: Ints | None, size: float, rng: np.random.Generator) -> tuple[Ints, Ints]:
    rows_group, kind, counts = labelled_groups(codes, groups, int(codes.max()) + 1)
    part = deal(kind, counts, np.array([size, 1 - size]), rng, held_out=np.array([True, False]))
    _bring_in(part, kind, counts)
    return np.flatnonzero(part[rows_group] != 0), np.flatnonzero(part[rows_group] == 0)


def _latest(codes: Ints, groups: Ints | None, ranks: Ints, size: float) -> tuple[Ints, Ints]:
    late = ranks >= last_cut(ranks, size)
    train, test = settle_groups(np.flatnonzero(~late), np.flatnonzero(late), groups)
    return train, test[np.isin(codes[test], codes[train])]


def _refuse_one_class(codes: Ints, name: str, size: float) -> None:
    found = len(np.unique(codes))
    if found < 2:
        raise TooFewSamples(
            f"the {name} part of a split with size {size} would hold {len(codes)} rows of {found} classes, two are "
            "needed; give it more rows of the rare class, another size, or split without groups or time"
        )


def _bring_in(part: Ints, kind: Ints, counts: Ints) -> None:
    """A class in three or more groups goes without test rows only if its shares round down: move one group."""
    for code in np.argsort(counts.sum(axis=0)):
        holders = np.flatnonzero(counts[kind, code] > 0)
        if len(holders) < 3 or (part[holders] == 0).any():
            continue
        size = counts[kind[holders]].sum(axis=1)
        for group in holders[np.argsort(size, kind="stable")]:
            here = counts[kind[group]] > 0
            staying = counts[kind[(part != 0) & (np.arange(len(part)) != group)]].sum(axis=0)
            if (staying[here] > 0).all():
                part[group] = 0
                break


def _shuffled(codes: Ints, groups: Ints | None, n_folds: int, repeat: int, seed: int) -> list[Fold]:
    rows_group, kind, counts = labelled_groups(codes, groups, int(codes.max()) + 1)
    _refuse_hopeless(kind, counts, n_folds, groups is not None)
    rng = np.random.default_rng(derive(seed, "folds", repeat))
    shares = np.full(n_folds, 1 / n_folds)
    part = deal(kind, counts, shares, rng, held_out=np.ones(n_folds, dtype=bool))[rows_group]
    folds = []
    for number in range(n_folds):
        test = np.flatnonzero(part == number)
        if not len(test):
            raise TooFewSamples(
                f"{n_folds} folds leave one without test rows, because classes must stay in training; "
                "use fewer folds"
            )
        folds.append(Fold(repeat, number, np.flatnonzero(part != number), test))
    return folds


def _refuse_hopeless(kind: Ints, counts: Ints, n_folds: int, grouped: bool) -> None:
    """Two classes must lie in two groups each, or there is nothing to be told apart in any test part."""
    holders = np.bincount(kind, minlength=len(counts)) @ (counts > 0)
    what = "groups" if grouped else "rows"
    if (holders >= 2).sum() < 2:
        raise TooFewSamples(
            f"only {int((holders >= 2).sum())} of {len(holders)} classes lie in two {what} or more, cross-validation "
            "needs two such classes; add rows of the rare ones"
        )
    if len(kind) < n_folds:
        raise TooFewSamples(f"{len(kind)} {what} cannot fill {n_folds} folds; use fewer folds")


def _ordered(codes: Ints, groups: Ints | None, ranks: Ints, n_folds: int) -> list[Fold]:
    folds = []
    for number, (start, end) in enumerate(blocks(ranks, codes, n_folds)):
        train = np.flatnonzero(ranks < start)
        test = np.flatnonzero((ranks >= start) & (ranks < end))
        train, test = settle_groups(train, test, groups)
        test = test[np.isin(codes[test], codes[train])]
        if len(np.unique(codes[train])) < 2 or not len(test):
            raise TooFewSamples(
                f"fold {number + 1} of {n_folds} in order of time would train on {len(np.unique(codes[train]))} "
                f"classes and test {len(test)} rows; use fewer folds, or give up groups or time"
            )
        folds.append(Fold(0, number, train, test))
    return folds
