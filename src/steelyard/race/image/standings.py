"""How candidates stand to doing nothing, picture by picture and seed by seed, and which one to take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from steelyard.core import Floats, derive, generator
from steelyard.decide import Goal
from steelyard.metrics import named
from steelyard.race.image.candidates import Candidate, Ground

__all__ = ["Gap", "ImageChoice", "ImageStanding", "choose_candidate", "gap_of"]

RESAMPLES = 300


@dataclass(frozen=True)
class Gap:
    """A mean over seeds with an interval that holds the luck of the pictures and of the training."""

    mean: float
    se: float
    low: float
    high: float
    p_positive: float


@dataclass(frozen=True, eq=False)
class ImageStanding:
    """A candidate with its scores by seed, the score, and the paired difference to doing nothing."""

    candidate: Candidate
    scores: list[float]
    score: Gap
    difference: Gap


@dataclass(frozen=True, eq=False)
class ImageChoice:
    """The chosen candidate, the best one, doing nothing, and all others, best first."""

    chosen: ImageStanding
    best: ImageStanding
    reference: ImageStanding
    standings: list[ImageStanding]


def gap_of(
    by_seed: Floats, resampled: Floats, *, n: int, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> Gap:
    r"""The mean of a figure over seeds with an interval.

    The variance is that over resampled pictures plus that over seeds, :math:`s_b^2 + s^2/S`, against a Student t whose
    degrees of freedom are Welch and Satterthwaite's. One seed tells nothing of the luck of training.

    Args:
        by_seed: the figure of each seed (S,).
        resampled: its mean over seeds on resampled pictures (B,).
        n: pictures.
        bounds: what the figure cannot leave.

    >>> gap_of(np.array([0.1, 0.3]), np.full(50, 0.2), n=100).se.__round__(3)
    0.1
    """
    mean, seeds = float(by_seed.mean()), len(by_seed)
    rows = float(np.nanvar(resampled))
    luck = float(by_seed.var(ddof=1) / seeds) if seeds > 1 else 0.0
    se = float(np.sqrt(rows + luck))
    if se == 0:
        return Gap(mean, 0.0, mean, mean, 0.5 if mean == 0 else float(mean > 0))
    freedom = (rows + luck) ** 2 / (rows**2 / max(1, n - 1) + luck**2 / max(1, seeds - 1))
    half = float(stats.t.ppf(0.975, freedom)) * se
    low, high = max(mean - half, bounds[0]), min(mean + half, bounds[1])
    return Gap(mean, se, low, high, float(stats.t.cdf(mean / se, freedom)))


def choose_candidate(candidates: list[Candidate], ground: Ground) -> ImageChoice:
    """Score all on the same resamples; of those within one standard error of the best take what meddles least."""
    goal, n = ground.goal, len(ground.y)
    draws = _draws(ground)
    plain, again = {}, {}
    for one in candidates:
        scores = [_scorer(goal, ground, p, d) for p, d in zip(one.p, one.decisions, strict=True)]
        plain[one.key] = np.array([score(np.arange(n)) for score in scores])
        again[one.key] = np.array([[score(rows) for rows in draws] for score in scores])
    reference = min(candidates, key=lambda one: one.rank)
    bounds = named(goal.name).bounds
    found = [
        ImageStanding(
            one,
            plain[one.key].tolist(),
            gap_of(plain[one.key], again[one.key].mean(0), n=n, bounds=bounds),
            _difference(one, reference, plain, again, goal.sign, n),
        )
        for one in candidates
    ]
    ranked = sorted(found, key=lambda s: (-goal.sign * s.score.mean, s.candidate.rank))
    best = ranked[0]
    good = [
        s
        for s in ranked
        if (gap := _difference(best.candidate, s.candidate, plain, again, goal.sign, n)).mean <= gap.se
    ]
    chosen = min(good, key=lambda s: (s.candidate.rank, -goal.sign * s.score.mean))
    return ImageChoice(chosen, best, next(s for s in found if s.candidate is reference), ranked)


def _difference(
    one: Candidate, other: Candidate, plain: dict[str, Floats], again: dict[str, Floats], sign: int, n: int
) -> Gap:
    return gap_of(
        sign * (plain[one.key] - plain[other.key]), sign * (again[one.key] - again[other.key]).mean(0), n=n
    )


def _scorer(
    goal: Goal, ground: Ground, p: Floats, decisions: NDArray[np.int64]
) -> Callable[[NDArray[np.int64]], float]:
    metric = named(goal.name)
    return lambda rows: metric(ground.y[rows], p[rows], decisions[rows])


def _draws(ground: Ground) -> list[NDArray[np.int64]]:
    """Resampled positions: groups of each class drawn with replacement, so that no class is lost."""
    rng = generator(derive(ground.seed, "resamples"))
    units, first, unit = np.unique(ground.groups, return_index=True, return_inverse=True)
    members = np.split(np.argsort(unit, kind="stable"), np.cumsum(np.bincount(unit))[:-1])
    kinds = [np.flatnonzero(ground.y[first] == k) for k in np.unique(ground.y[first])]
    found = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([rng.choice(kind, len(kind)) for kind in kinds])
        found.append(np.concatenate([members[i] for i in drawn]) if len(units) < len(unit) else first[drawn])
    return found
