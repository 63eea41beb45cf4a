"""Rows to be added, a chunk at a time: repeated ones and those of SMOTE, by the same draws as in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from steelyard.resample.plan import Ints
from steelyard.resample.search import neighbours_within
from steelyard.resample.smote import on_line
from steelyard.resample.streams.columns import matrix, with_features
from steelyard.resample.streams.held import Space

__all__ = ["Added", "repeated", "smote"]

CHUNK = 65_536


@dataclass(frozen=True, eq=False)
class Added:
    """Rows to write after the others.

    Attributes:
        table: whole rows, in the columns of the data.
        starts: the row number each one is or was started from (m,).
        ends: the row number of the second parent (m,), or None for rows that are only repeated.
        step: the share of the second parent (m,), or None.
        weight: what the parents weigh, in their shares (m,), or None where the row itself says it.
    """

    table: Any
    starts: Ints
    ends: Ints | None = None
    step: NDArray[np.float64] | None = None
    weight: NDArray[np.float64] | None = None


def repeated(table: Any, ids: Ints, codes: Ints, wanted: dict[int, int], seed: Any) -> Iterator[Added]:
    """Rows drawn with replacement, class after class; `table` holds those numbered `ids`."""
    state = check_random_state(seed)
    for code, number in wanted.items():
        members = np.flatnonzero(codes == code)
        for size in _sizes(number):
            rows = members[state.randint(0, len(members), size=size)]
            yield Added(table.take(pa.array(rows)), ids[rows])


def smote(
    table: Any,
    ids: Ints,
    codes: Ints,
    wanted: dict[int, int],
    space: Space,
    neighbours: Any,
    seed: Any,
    weight: str | None,
) -> Iterator[Added]:
    """Rows between near rows of one class, class after class; `table` holds those numbered `ids`."""
    for code, number in wanted.items():
        members = np.flatnonzero(codes == code)
        X = matrix(table.select(list(space.features)).take(pa.array(members)), space.features, space.dtype)
        near, _ = neighbours_within(X, neighbours)
        own = None if weight is None else table.column(weight).to_numpy()[members].astype(float)
        for picked, step in _draws(seed, near.size, number):
            first, column = np.divmod(picked, near.shape[1])
            second = near[first, column]
            rows = with_features(
                table.take(pa.array(members[first])), space.features, on_line(X, first, second, step)
            )
            heavy = None if own is None else (1 - step) * own[first] + step * own[second]
            if weight is not None and heavy is not None:
                rows = with_features(rows, [weight], heavy[:, None])
            yield Added(rows, ids[members[first]], ids[members[second]], step, heavy)


def _sizes(number: int) -> Iterator[int]:
    for first in range(0, number, CHUNK):
        yield min(CHUNK, number - first)


def _draws(seed: Any, below: int, number: int) -> Iterator[tuple[Ints, NDArray[np.float64]]]:
    """Whole numbers and then steps, drawn as two long vectors but handed out in chunks of both.

    A second copy of the generator is wound on past the whole numbers, so that neither vector is ever held.
    """
    later = check_random_state(seed)
    first = np.random.RandomState()
    first.set_state(later.get_state())
    for size in _sizes(number):
        later.randint(low=0, high=below, size=size)
    for size in _sizes(number):
        yield first.randint(low=0, high=below, size=size), later.uniform(size=size)
