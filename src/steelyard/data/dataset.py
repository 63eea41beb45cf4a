"""A data set for learning: rows together with what each column is for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["Dataset", "DatasetInfo"]


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a packaged data set without opening it.

    Attributes:
        name: what `load_dataset` takes, such as "taxi" or "rt30/mammography".
        title: one line on what the rows are.
        rows, columns: the size of the table, all columns counted.
        classes: the number of classes of the target.
        minority: rows of the smallest class.
        task: "binary" or "multiclass".
        needs: the pip line or the folder that brings it; "" when it is always there.
        available: it can be loaded here and now.
        target: the column to predict.
        positive: the label that counts as positive, as text; "" for more than two classes.
        group: the column whose equal values must not straddle a split, or None.
        time: the column that orders the rows, or None.
        weight: the column of row weights, or None.
        drop: columns that identify rows or give the target away.
        license: the terms of the data, as far as their home states them.
        source_url: that home.
        family: sets with the same family are cut from one base table and are no independent evidence.
        duplicates: rows that equal an earlier row; where there are many, pass `duplicate_groups` as groups.
        note: what a user should know.
    """

    name: str
    title: str
    rows: int
    columns: int
    classes: int
    minority: int
    needs: str
    available: bool
    target: str
    positive: str = ""
    group: str | None = None
    time: str | None = None
    weight: str | None = None
    drop: tuple[str, ...] = ()
    license: str = ""
    source_url: str = ""
    family: str = ""
    duplicates: int = 0
    note: str = ""

    @property
    def task(self) -> str:
        """Binary or multiclass."""
        return "binary" if self.classes == 2 else "multiclass"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A loaded data set.

    Attributes:
        frame: all rows and columns, with a plain RangeIndex.
        info: what the columns are for.
        positive: the label that counts as positive as it stands in the frame, or None for many classes.
        digest: SHA-256 of the file the rows came from (of the rows themselves where there is no file).
    """

    frame: pd.DataFrame
    info: DatasetInfo
    positive: Hashable | None
    digest: str

    @property
    def name(self) -> str:
        """The name it was loaded by."""
        return self.info.name

    @property
    def target(self) -> str:
        """The column to predict."""
        return self.info.target

    @property
    def group(self) -> str | None:
        """The column of groups, if any."""
        return self.info.group

    @property
    def time(self) -> str | None:
        """The column that orders the rows, if any."""
        return self.info.time

    @property
    def weight(self) -> str | None:
        """The column of row weights, if any."""
        return self.info.weight

    @property
    def drop(self) -> tuple[str, ...]:
        """Columns a model must not see."""
        return self.info.drop

    @property
    def X(self) -> pd.DataFrame:  # noqa: N802 - scikit-learn's name
        """The columns a model may learn from: all but the target, groups, weights, time and those to drop."""
        apart = {self.target, self.group, self.weight, self.time, *self.drop}
        return self.frame[[name for name in self.frame.columns if name not in apart]]

    @property
    def y(self) -> pd.Series[Any]:
        """The target."""
        return self.frame[self.target]
