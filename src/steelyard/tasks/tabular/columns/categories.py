"""Categories: levels in the order of their frequency, rare and unknown ones pooled."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.tasks.tabular.columns.values import factors

__all__ = ["Categories"]


class Categories:
    """One column of categories.

    Levels with fewer than `min_frequency` rows are pooled with those never seen. Without `one_hot` a level
    becomes its rank by frequency (0 the most frequent, the pool last, missing NaN). With it, the
    `max_categories` most frequent levels, the pool and missing get a 0/1 feature each; two levels alone need
    only one. A column with more than `max_categories` levels adds the logarithm of one plus the level's
    training count (0 for the pool and missing).
    """

    def __init__(self, column: Hashable, *, one_hot: bool, max_categories: int, min_frequency: int) -> None:
        self.column = column
        self.one_hot = one_hot
        self.max_categories = max_categories
        self.min_frequency = min_frequency

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Which features are measures: only the count is."""
        shape = len(self.names())
        return np.arange(shape) >= (shape - 1 if self.crowded_ else shape)

    def learn(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Count the levels of `frame` and return its features."""
        codes, words = _levels(frame[self.column])
        counts = np.bincount(codes[codes >= 0], minlength=len(words))
        order = np.lexsort((words, -counts))
        kept = order[counts[order] >= self.min_frequency]
        self.crowded_ = len(words) > self.max_categories
        if self.one_hot:
            kept = kept[: self.max_categories]
        self.levels_ = words[kept]
        self.counts_ = counts[kept]
        complete = len(kept) == len(words) and codes.min(initial=0) >= 0
        self.skipped_ = 1 if self.one_hot and complete and len(kept) == 2 else 0
        return self._features(codes, words)

    def read(self, frame: pd.DataFrame) -> NDArray[Any]:
        """The features (n, m) of new rows."""
        return self._features(*_levels(frame[self.column]))

    def names(self) -> list[str]:
        """`column` or `column=level`, with `_count` for the count."""
        stem = str(self.column)
        hot = [f"{stem}={level}" for level in (*self.levels_.tolist(), "(rare)", "(missing)")]
        main = hot[self.skipped_ :] if self.one_hot else [stem]
        return [*main, f"{stem}_count"] if self.crowded_ else main

    def _features(self, codes: NDArray[np.int64], words: NDArray[np.str_]) -> NDArray[Any]:
        pool = len(self.levels_)
        known = pd.Index(self.levels_).get_indexer(pd.Index(words))
        place = np.append(np.where(known < 0, pool, known), pool + 1)[codes]
        if self.one_hot:
            main = np.zeros((len(codes), pool + 2), dtype=np.float32)
            main[np.arange(len(codes)), place] = 1
            main = main[:, self.skipped_ :]
        else:
            main = np.where(place > pool, np.nan, place)[:, None]
        if not self.crowded_:
            return main
        count = np.log1p(np.append(self.counts_, [0, 0]))[place]
        return np.column_stack([main, count])


def _levels(column: pd.Series[Any]) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """The distinct levels as text, and each row's position among them (-1 where missing)."""
    codes, levels = factors(column)
    words = np.array([_word(level) for level in levels], dtype=np.str_)
    distinct, place = np.unique(words, return_inverse=True)
    if len(distinct) == len(words):
        return codes, words
    return np.append(place, -1)[codes], distinct


def _word(level: Any) -> str:
    """The text of a level: 1, 1.0 and "1" are one, as a gap turns whole numbers into floats."""
    if isinstance(level, float | np.floating) and float(level).is_integer():
        return str(int(level))
    if isinstance(level, bytes):
        return level.decode(errors="replace")
    return str(level)
