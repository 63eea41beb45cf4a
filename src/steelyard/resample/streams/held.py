"""Rows of a table larger than memory that are held in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.resample.plan import Ints
from steelyard.resample.streams.census import Census
from steelyard.resample.streams.columns import matrix
from steelyard.resample.streams.passes import Passes
from steelyard.resample.streams.rows import Rows

__all__ = ["Held", "Space", "fetch", "hold"]


@dataclass(frozen=True)
class Space:
    """The columns distances are measured in, and the type of their matrix."""

    features: tuple[str, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True, eq=False)
class Held:
    """Some rows: their matrix (m, d), row numbers (m,) ascending, and class positions (m,)."""

    X: NDArray[Any]
    ids: Ints
    codes: Ints


def hold(rows: Rows, census: Census, space: Space, ids: Ints, passes: Passes, what: str) -> Held:
    """Bring rows by number into memory; `ids` is ascending."""
    work = partial(_pick_matrix, space, census.starts, ids)
    parts = list(passes.over(rows, work, space.features, what))
    X = np.concatenate(parts) if parts else np.empty((0, len(space.features)), dtype=space.dtype)
    return Held(X, ids, census.codes[ids].astype(np.int64))


def fetch(rows: Rows, census: Census, ids: Ints, passes: Passes, what: str) -> Any:
    """Whole rows by number, as an Arrow table; `ids` is ascending."""
    work = partial(_pick, census.starts, ids)
    found = list(passes.over(rows, work, rows.schema.names, what))
    return pa.concat_tables([part.cast(rows.schema) for part in found])


def _pick(starts: NDArray[np.int64], ids: Ints, number: int, piece: Any) -> Any:
    first, last = np.searchsorted(ids, starts[number : number + 2])
    return piece.take(pa.array(ids[first:last] - starts[number]))


def _pick_matrix(space: Space, starts: NDArray[np.int64], ids: Ints, number: int, piece: Any) -> NDArray[Any]:
    # the whole piece is checked for missing values, as the sampler in memory would
    whole = matrix(piece, space.features, space.dtype)
    first, last = np.searchsorted(ids, starts[number : number + 2])
    return np.asarray(whole[ids[first:last] - starts[number]])
