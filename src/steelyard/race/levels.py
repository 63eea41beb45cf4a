"""Successive halving: cheap levels first, for every arm; dear ones later, for the few that earned them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.core import derive
from steelyard.data import Fold, make_folds
from steelyard.race.options import Options
from steelyard.race.problem import Problem

__all__ = ["Level", "plan_levels"]

CAP_ROWS = 30_000
"""Tables larger than this meet all arms on a stratified sample first."""
CAP_RARE = 150
"""The sample grows until the rarest class has this many rows, up to four times the cap."""


@dataclass(frozen=True, eq=False)
class Level:
    """One round of cross-validation on all rows or on a sample of them.

    Attributes:
        number: 0 is the first and cheapest.
        rows: positions of the rows used, None for all.
        folds: positions within these rows.
        ordered: folds follow time, so a later fold may not inform an earlier one.
    """

    number: int
    rows: NDArray[np.int64] | None
    folds: tuple[Fold, ...]
    ordered: bool

    @property
    def test_share(self) -> float:
        """The mean share of rows in a test part, among those used in its fold."""
        return float(np.mean([len(f.test) / (len(f.test) + len(f.train)) for f in self.folds]))

    def tested(self, fold: int) -> NDArray[np.int64]:
        """Positions of a fold's test part in the whole table."""
        test = self.folds[fold].test
        return test if self.rows is None else self.rows[test]

    def key(self, fold: int, arm_key: str) -> str:
        """The name of one fit."""
        return f"L{self.number}F{fold}.{arm_key}"


def plan_levels(problem: Problem, options: Options) -> list[Level]:
    """The levels of a race, cheapest first; ordered data has one order, so it has no repeats."""
    sampled = _sample(problem, options.seed)
    rounds: list[NDArray[np.int64] | None] = [] if sampled is None else [sampled]
    rounds += [None] * (1 if problem.time is not None else options.repeats)
    return [_level(problem, rows, number, options) for number, rows in enumerate(rounds)]


def _level(problem: Problem, rows: NDArray[np.int64] | None, number: int, options: Options) -> Level:
    part = problem if rows is None else problem.take(rows)
    folds = make_folds(
        part.y,
        n_folds=options.folds,
        repeats=1,
        groups=part.groups,
        time=part.time,
        seed=derive(options.seed, "folds", number),
    )
    return Level(number, rows, tuple(folds), problem.time is not None)


def _sample(problem: Problem, seed: int) -> NDArray[np.int64] | None:
    """A stratified sample, or for ordered and grouped data every m-th row, so order and groups survive."""
    counts = np.bincount(problem.y, minlength=problem.n_classes)
    share = max(CAP_ROWS / problem.n, min(CAP_RARE / counts.min(), 4 * CAP_ROWS / problem.n))
    if share >= 0.75:
        return None
    rng = np.random.default_rng(derive(seed, "sample"))
    chosen = []
    for label, count in enumerate(counts):
        rows = np.flatnonzero(problem.y == label)
        keep = min(count, max(round(share * count), 10))
        chosen.append(rng.choice(rows, size=keep, replace=False))
    return np.sort(np.concatenate(chosen))
