"""Numbers and truth values: taken as they are, all columns at once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from steelyard.tasks.tabular.columns.values import number_block

__all__ = ["Numbers"]


class Numbers:
    """The columns `columns` as one float64 block, missing as NaN, infinities kept for the finish."""

    measured = True

    def __init__(self, columns: list[Hashable]) -> None:
        self.columns = columns

    def learn(self, frame: pd.DataFrame) -> NDArray[Any]:
        """There is nothing to learn: the values of `frame`."""
        return self.read(frame)

    def read(self, frame: pd.DataFrame) -> NDArray[Any]:
        """The values (n, columns)."""
        return number_block(frame[self.columns])

    def names(self) -> list[str]:
        """One feature a column, named like it."""
        return [str(name) for name in self.columns]
