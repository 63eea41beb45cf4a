"""What AUROC, average precision and their kin are made of: each positive against the rows above it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, TooFewSamples
from steelyard.metrics.rows import binary_scored

__all__ = ["Decomposition"]


class Decomposition(NamedTuple):
    """An area as one minus the mean of what every positive costs.

    Attributes:
        value: the area.
        terms: what each positive takes away (n₊,), 0 where no negative is scored as high.
        rows: the positives' positions in the input (n₊,).
    """

    value: float
    terms: Floats
    rows: NDArray[np.int64]


def sides(y: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Scores of positives and negatives, and where the positives stood."""
    rows = binary_scored(y, scores, None)
    at = np.flatnonzero(rows.y == 1)
    if not 0 < len(at) < len(rows.y):
        raise TooFewSamples(f"{len(at)} of {len(rows.y)} rows are positive; pass rows of both classes")
    return rows.values[at], rows.values[rows.y == 0], at


def share_above(among: Floats, of: Floats, side: Literal["left", "right"]) -> Floats:
    """For each value the share of `among` that is at least as large ("left") or larger ("right")."""
    below = np.searchsorted(np.sort(among), of, side=side)
    return np.asarray(1 - below / len(among))
