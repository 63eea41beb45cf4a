"""What the race's arms reached on real tables: the store that recommendations are learned from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from steelyard.core import Floats, UsageError
from steelyard.data import datasets
from steelyard.metrics import named
from steelyard.race.features import FEATURES

__all__ = ["ENOUGH", "Experience", "Lesson", "load_experience"]

ENOUGH = 30
"""Base tables from which on an interval over them is trusted to show that something helps."""
STORE = "experience.parquet"
DESCRIPTION = "features"
"""The arm under which a table's features stand in the store."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one metric says of all arms on all tables.

    Attributes:
        tables, bases, arms: names; tables cut from one base table share its name.
        features: (T, F), NaN where missing.
        folds: scores (T, A, k) with the sign turned so that more is better; an arm that could not be fitted on a
            table counts as the worst there.
    """

    tables: tuple[str, ...]
    bases: tuple[str, ...]
    arms: tuple[str, ...]
    features: Floats
    folds: Floats

    @cached_property
    def means(self) -> Floats:
        """Mean scores (T, A)."""
        return np.asarray(self.folds.mean(axis=2))

    @cached_property
    def places(self) -> Floats:
        """Ranks (T, A) from 0, the best arm of a table, to 1, the worst; equal ones share the middle.

        Scores that agree to nine digits are equal.
        """
        ranked = rankdata(-self.means.round(9), axis=1)
        return np.asarray((ranked - 1) / max(len(self.arms) - 1, 1))

    @cached_property
    def good(self) -> NDArray[np.bool_]:
        """Whether an arm is the best of its table or within one corrected standard error of it (T, A).

        The error is that of the paired difference over the folds, as the race's own choice takes it.
        """
        best = np.take_along_axis(self.folds, self.means.argmax(axis=1)[:, None, None], axis=1)
        gaps = best - self.folds
        k = gaps.shape[2]
        error = np.sqrt((1 / k + 1 / (k - 1)) * gaps.var(axis=2, ddof=1))
        return np.asarray(gaps.mean(axis=2) <= error)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """The number of each table's base (T,)."""
        return np.unique(self.bases, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def gains(self) -> Floats:
        """What each arm adds to the best learner alone on the same table (T, A)."""
        alone = [arm.startswith("nothing.") for arm in self.arms]
        return np.asarray(self.means - self.means[:, alone].max(axis=1, keepdims=True))

    def take(self, rows: NDArray[np.int64]) -> Lesson:
        """The same on some of the tables."""
        return Lesson(
            tuple(self.tables[row] for row in rows),
            tuple(self.bases[row] for row in rows),
            self.arms,
            self.features[rows],
            self.folds[rows],
        )

    def unrelated(self, name: str) -> Lesson:
        """The same without what was cut from the base table of the packaged set `name`; all of it for any other."""
        base = {info.name: info.family or info.name for info in datasets()}.get(name)
        return self.take(np.flatnonzero([known != base for known in self.bases]))


@dataclass(frozen=True, eq=False)
class Experience:
    """Scores of arms on tables as a long table: table, base, arm, metric, fold, value."""

    scores: pd.DataFrame

    @classmethod
    def read(cls) -> Self:
        """The packaged store."""
        with (files("steelyard.race") / STORE).open("rb") as file:
            return cls(pd.read_parquet(file))

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics it knows."""
        return tuple(sorted(set(self.scores["metric"]) - set(FEATURES)))

    def lesson(self, metric: str) -> Lesson:
        """All that was learned about one metric, tables and arms in alphabetical order."""
        name = named(metric).name
        if name not in self.metrics:
            raise UsageError(
                f"no arms were compared by {name}; the store knows {', '.join(self.metrics)}; choose one"
            )
        mine = self.scores[self.scores["metric"].eq(name)]
        wide = mine.pivot_table("value", ["base", "table"], ["arm", "fold"], observed=True)
        bases, tables = zip(*wide.index, strict=True)
        arms = tuple(sorted(set(wide.columns.get_level_values("arm"))))
        folds = wide.to_numpy().reshape(len(tables), len(arms), -1) * named(name).sign
        described = self.scores[self.scores["arm"].eq(DESCRIPTION)]
        known = described.pivot_table("value", "table", "metric", observed=True)
        features = known.reindex(index=list(tables), columns=list(FEATURES)).to_numpy(dtype=float)
        worst = np.nanmin(folds, axis=1, keepdims=True)
        return Lesson(tables, bases, arms, features, np.where(np.isnan(folds), worst, folds))


@cache
def load_experience() -> Experience:
    """The packaged store, read once.

    When to use it: to look at what arms reached elsewhere, or to judge another way to recommend some.

    >>> "average_precision" in load_experience().metrics
    True
    """
    return Experience.read()
