"""Sort once: the cumulated counts at every distinct score, which all ranking metrics read off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.metrics.rows import Rows


class Ranking(NamedTuple):
    """Weights of the positives and negatives scored at or above each distinct score, from the top down."""

    tp: Floats
    fp: Floats

    @property
    def positives(self) -> float:
        """All positives."""
        return float(self.tp[-1])

    @property
    def negatives(self) -> float:
        """All negatives."""
        return float(self.fp[-1])

    @property
    def prevalence(self) -> float:
        """The share of positives."""
        return self.positives / (self.positives + self.negatives)

    @property
    def precision(self) -> Floats:
        """The precision of flagging everything down to each distinct score."""
        return np.asarray(self.tp / (self.tp + self.fp))

    def positives_in_top(self, mass: float) -> float:
        """Positives among the `mass` highest rows; tied rows at the edge count by their share."""
        flagged = np.concatenate([[0.0], self.tp + self.fp])
        return float(np.interp(mass, flagged, np.concatenate([[0.0], self.tp])))


def rank(positive: NDArray[Any], scores: Floats, weight: Floats | None) -> Ranking:
    """Sort by falling score and cumulate, one entry for each distinct score; all weights are positive."""
    order = np.argsort(scores)[::-1]
    ordered = scores[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    hit = positive[order]
    if weight is None:
        tp = np.cumsum(hit, dtype=np.float64)[ends]
        return Ranking(tp, ends + 1.0 - tp)
    falling = weight[order]
    return Ranking(np.cumsum(falling * hit)[ends], np.cumsum(falling * ~hit)[ends])


def rank_binary(rows: Rows) -> Ranking:
    """The ranking of position 1 against position 0."""
    return rank(rows.y == 1, rows.values, rows.weight)


def rank_classes(value: Callable[[Ranking], float], rows: Rows) -> float:
    """Two classes: the value for position 1. More: the mean of one against the rest over classes in `y`."""
    if rows.values.ndim == 1:
        return value(rank_binary(rows))
    present = np.unique(rows.y)
    return float(np.mean([value(rank(rows.y == k, rows.values[:, k], rows.weight)) for k in present]))
