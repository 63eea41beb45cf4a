"""From the roles of the columns to the parts that read them, and from parts to one matrix."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import DataError
from steelyard.tasks.tabular.columns.categories import Categories
from steelyard.tasks.tabular.columns.dates import Dates
from steelyard.tasks.tabular.columns.finish import ForLinear, ForTrees
from steelyard.tasks.tabular.columns.numbers import Numbers
from steelyard.tasks.tabular.columns.texts import Texts

__all__ = ["Part", "apply_parts", "learn_parts", "make_parts"]


class Part:
    """Columns read in one way, and the finish that follows."""

    def __init__(self, reader: Any, finish: ForLinear | ForTrees) -> None:
        self.reader = reader
        self.finish = finish

    def learn(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """Learn from training rows and return their features."""
        values = self.reader.learn(frame)
        return self.finish.learn(values, self.reader.names(), self.reader.measured)

    def read(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """The features of new rows."""
        return self.finish.read(self.reader.read(frame))


def make_parts(
    roles: Mapping[Hashable, str],
    *,
    linear: bool,
    max_categories: int,
    min_frequency: int,
    text_components: int,
    seed: int,
) -> list[Part]:
    """One part for all numbers, one for all dates, one for each category and text; constants get none.

    Identifiers that hold numbers join the numbers; the caller names the others "category".
    """

    def those(*wanted: str) -> list[Hashable]:
        return [name for name, role in roles.items() if role in wanted]

    readers: list[Any] = []
    if those("number", "bool"):
        readers.append(Numbers(those("number", "bool")))
    if those("date"):
        readers.append(Dates(those("date"), circular=linear))
    readers += [
        Categories(name, one_hot=linear, max_categories=max_categories, min_frequency=min_frequency)
        for name in those("category")
    ]
    readers += [Texts(name, n_components=text_components, seed=seed) for name in those("text")]
    return [Part(reader, ForLinear() if linear else ForTrees()) for reader in readers]


def learn_parts(parts: list[Part], frame: pd.DataFrame) -> NDArray[np.float32]:
    """Let every part learn; the features of the training rows side by side."""
    return _side_by_side([part.learn(frame) for part in parts], len(frame))


def apply_parts(parts: list[Part], frame: pd.DataFrame) -> NDArray[np.float32]:
    """The features of new rows; one error names every column whose values do not fit."""
    blocks, wrong = [], []
    for part in parts:
        try:
            blocks.append(part.read(frame))
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError(
            f"{'; '.join(wrong)}; give columns the kind of values they had in training, or empty cells"
        )
    return _side_by_side(blocks, len(frame))


def _side_by_side(blocks: list[NDArray[np.float32]], n_rows: int) -> NDArray[np.float32]:
    if len(blocks) == 1:
        return blocks[0]
    return np.hstack(blocks) if blocks else np.empty((n_rows, 0), dtype=np.float32)
