"""What trials on tables share: the table, the held-out part, the encoded rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.bench.trial import Shared, Trial
from steelyard.core import derive
from steelyard.data import Fold, load_dataset, make_folds
from steelyard.tasks.tabular import TableEncoder

__all__ = ["HeldOut", "RawTable", "held_out", "raw_table"]


@dataclass(frozen=True, eq=False)
class RawTable:
    """A packaged table taken apart.

    Attributes:
        X: feature columns.
        y: class positions (n,); of two classes 1 is the positive, usually the rarer one.
        groups, time: aligned with the rows, or None.
    """

    X: pd.DataFrame
    y: NDArray[np.int64]
    groups: NDArray[Any] | None
    time: NDArray[Any] | None


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Encoded training rows and the rows a trial is judged on.

    Attributes:
        X, y: training rows (n, d) float32, class positions (n,).
        X_test, y_test: the held-out rows.
        n_classes: classes of the whole table.
    """

    X: Any
    y: NDArray[np.int64]
    X_test: Any
    y_test: NDArray[np.int64]
    n_classes: int


def raw_table(name: str, shared: Shared) -> RawTable:
    """The packaged table `name`; rows without a label are left out."""
    return shared.everywhere(("table", name), lambda: _open(name))


def held_out(trial: Trial, shared: Shared, *, kind: str = "tree", folds: int = 5) -> HeldOut:
    """The rows of fold `trial.split` of `folds`, dealt by `trial.seed`, encoded without a look at them.

    Groups and time of the table are respected as by `make_folds`.

    Args:
        trial: names the table, the seed and the fold.
        shared: of the trial's group; tables, folds and encoded rows are made once in it.
        kind: encoding, "tree" (missing values stay) or "linear" (filled and scaled).
        folds: how many.
    """
    table = raw_table(trial.data, shared)
    dealt: list[Fold] = shared(("folds", trial.data, trial.seed, folds), lambda: _deal(table, trial, folds))
    fold = dealt[trial.split]

    def encode() -> HeldOut:
        encoder = TableEncoder(kind=kind)
        rows = encoder.fit_transform(table.X.iloc[fold.train])
        test = encoder.transform(table.X.iloc[fold.test])
        return HeldOut(rows, table.y[fold.train], test, table.y[fold.test], int(table.y.max()) + 1)

    return shared(("encoded", trial.data, trial.seed, folds, trial.split, kind), encode)


def _deal(table: RawTable, trial: Trial, folds: int) -> list[Fold]:
    seed = derive(trial.seed, "folds")
    return make_folds(table.y, n_folds=folds, groups=table.groups, time=table.time, seed=seed)


def _open(name: str) -> RawTable:
    data = load_dataset(name)
    known = data.y.notna().to_numpy()
    labels = data.y[known].to_numpy()
    names, y = np.unique(labels.astype(str), return_inverse=True)
    if data.positive is not None and names[0] == str(data.positive):
        y = 1 - y
    columns = (data.group, data.time)
    groups, time = (None if column is None else data.frame.loc[known, column] for column in columns)
    return RawTable(
        data.X[known].reset_index(drop=True),
        y.astype(np.int64),
        None if groups is None else pd.factorize(groups, use_na_sentinel=False)[0],
        None if time is None else time.to_numpy(),
    )
