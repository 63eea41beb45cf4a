"""The first pass: which class every row has, and where every piece starts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Prior
from steelyard.resample.streams.columns import label_values
from steelyard.resample.streams.passes import Passes
from steelyard.resample.streams.rows import Rows

__all__ = ["Census", "take_census"]


@dataclass(frozen=True, eq=False)
class Census:
    """The classes of all rows.

    Attributes:
        target: the column the classes stand in.
        names: the classes, sorted (K,).
        codes: class positions (n,), in as few bytes as they fit.
        starts: the row number each piece starts at, and the number of rows (pieces + 1,).
    """

    target: str
    names: NDArray[Any]
    codes: NDArray[Any]
    starts: NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.codes)

    @property
    def counts(self) -> dict[Hashable, int]:
        """Rows by class."""
        numbers = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return dict(zip(self.names.tolist(), numbers, strict=True))

    def prior(self, counts: NDArray[Any] | None = None) -> Prior:
        """The prior of these rows, or of others with given counts."""
        numbers = np.array(list(self.counts.values())) if counts is None else counts
        kind = "binary" if len(self.names) == 2 else "multiclass"
        return Prior(tuple(self.names.tolist()), numbers.astype(float), kind)


def take_census(rows: Rows, target: str, passes: Passes) -> Census:
    """Read the target of every row."""
    names: NDArray[Any] = np.empty(0)
    found = []
    for labels, codes in passes.over(rows, partial(_count, target), [target], "Counting the classes"):
        names = labels if not len(names) else np.union1d(names, labels)
        found.append((labels, codes))
    sizes = [len(codes) for _, codes in found]
    small = np.min_scalar_type(max(len(names) - 1, 1))
    parts = [np.searchsorted(names, labels)[codes].astype(small) for labels, codes in found]
    return Census(
        target, names, np.concatenate(parts), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    )


def _count(target: str, number: int, piece: Any) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ARG001
    labels, codes = np.unique(label_values(piece.column(target), target), return_inverse=True)
    return labels, codes.astype(np.min_scalar_type(max(len(labels) - 1, 1)))
