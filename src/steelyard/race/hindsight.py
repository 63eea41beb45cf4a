"""How good recommendations would have been on tables that they were not learned from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.metrics import bootstrap
from steelyard.race.experience import ENOUGH, Lesson
from steelyard.race.ridge import fit_ridge

__all__ = ["NAMED", "Hindsight", "hindsight", "three_best"]

NAMED = 3
DRAWS = 2000


@dataclass(frozen=True)
class Hindsight:
    """Recommendations judged on base tables left out, beside the arms of best mean rank.

    Attributes:
        tables, bases: how many.
        hits: the share of tables whose best arm, or one within its noise, is among the three named.
        regret: what the best of the three misses of the best arm, in the metric's unit, on average.
        plain_hits, plain_regret: the same for the three arms of best mean rank.
        hits_gain, regret_gain: by how much recommendations are better; each (value, low, high), a 95 % interval by
            drawing base tables with replacement.
    """

    tables: int
    bases: int
    hits: float
    regret: float
    plain_hits: float
    plain_regret: float
    hits_gain: tuple[float, float, float]
    regret_gain: tuple[float, float, float]

    @property
    def beats(self) -> bool:
        """Whether features help: the whole interval of the gain in hits lies above zero, on enough base tables."""
        return self.bases >= ENOUGH and self.hits_gain[1] > 0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"beats": self.beats}


def three_best(places: Floats) -> NDArray[np.int64]:
    """The three arms (3,) of the lowest places (A,); of equals the first by name."""
    return np.argsort(places, kind="stable")[:NAMED]


def hindsight(lesson: Lesson, *, seed: int = 0) -> Hindsight:
    """Judge on every base table what is learned from all others.

    The features' weight, too, is chosen on the others alone, so a table's own results never judge it.
    """
    named_, plain = left_out_choices(lesson)
    rows = np.arange(len(lesson.tables))[:, None]
    best = lesson.means.max(axis=1)

    def judged(chosen: NDArray[np.int64]) -> tuple[Floats, Floats]:
        missed = best - lesson.means[rows, chosen].max(axis=1)
        hit = lesson.good[rows, chosen].any(axis=1).astype(float)
        return hit, missed

    (hit, missed), (plain_hit, plain_missed) = judged(named_), judged(plain)

    def interval(gain: Floats) -> tuple[float, float, float]:
        value, low, high = bootstrap(_mean, gain, n=DRAWS, seed=seed, groups=lesson.groups)
        return value, low, high

    return Hindsight(
        tables=len(lesson.tables),
        bases=len(set(lesson.bases)),
        hits=_mean(hit),
        regret=_mean(missed),
        plain_hits=_mean(plain_hit),
        plain_regret=_mean(plain_missed),
        hits_gain=interval(hit - plain_hit),
        regret_gain=interval(plain_missed - missed),
    )


def left_out_choices(lesson: Lesson) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The three arms recommended for each table, and those of best mean rank, (T, 3) each, from other bases."""
    size = min(NAMED, len(lesson.arms))
    chosen = np.empty((len(lesson.tables), size), dtype=np.int64)
    plain = np.empty_like(chosen)
    for group in range(int(lesson.groups.max()) + 1):
        apart = lesson.groups == group
        others = lesson.take(np.flatnonzero(~apart))
        ridge = fit_ridge(others.features, others.places, others.groups)
        plain[apart] = three_best(others.places.mean(axis=0))
        for row in np.flatnonzero(apart):
            chosen[row] = three_best(ridge.predict(lesson.features[row]))
    return chosen, plain


def _mean(values: Floats) -> float:
    return float(np.mean(values))
