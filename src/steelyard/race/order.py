"""In which order a race tries remedies, so that one that is cut short has tried the likeliest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steelyard.core import Floats
from steelyard.decide import Goal
from steelyard.diagnose import Diagnosis
from steelyard.metrics import bootstrap
from steelyard.race.arms import BLENDS, remedies
from steelyard.race.experience import ENOUGH, Lesson, load_experience
from steelyard.race.features import FEATURES, table_features
from steelyard.race.problem import Problem
from steelyard.race.ridge import fit_ridge

__all__ = ["Rehearsal", "by_gain", "by_learner", "expected_gains", "gains_over_learner", "missed", "rehearse"]

TRIED = 10
DRAWS = 1000


@dataclass(frozen=True)
class Rehearsal:
    """Two orders replayed on base tables left out.

    Attributes:
        tables, bases: how many.
        missed: what the best arm so far misses of the best of all, on average over the first ten remedies and over
            the tables, in the metric's unit, when the order goes by expected gains.
        missed_by_learner: the same for the order by the best learner.
        less: by how much less is missed (value, low, high), with a 95 % interval by drawing base tables.
    """

    tables: int
    bases: int
    missed: float
    missed_by_learner: float
    less: tuple[float, float, float]

    @property
    def helps(self) -> bool:
        """Whether the whole interval lies above zero, on enough base tables."""
        return self.bases >= ENOUGH and self.less[1] > 0


def gains_over_learner(lesson: Lesson) -> Floats:
    """What each arm adds to the same learner alone (T, A); an arm without a learner to the best of them alone.

    >>> folds = np.repeat(np.array([[0.5, 0.6, 0.9]])[:, :, None], 2, axis=2)
    >>> lesson = Lesson(("t",), ("t",), ("nothing.a", "nothing.b", "x.a"), np.zeros((1, 1)), folds)
    >>> gains_over_learner(lesson).round(3).tolist()
    [[0.0, 0.0, 0.4]]
    """
    return np.asarray(
        lesson.means - np.column_stack([_alone(lesson, row) for row in range(len(lesson.tables))]).T
    )


def by_learner(lesson: Lesson, row: int) -> Floats:
    """The promise of each arm (A,) by what its learner reached alone on the table, of equals the simplest remedy.

    Arms that bring their own learner come first.
    """
    rank = {one.name: one.rank for one in remedies()}
    simple = np.array([rank.get(arm.split(".")[0], 0.0) for arm in lesson.arms])
    own = np.array([arm.endswith(".own") for arm in lesson.arms])
    return np.asarray(np.where(own, np.inf, _alone(lesson, row)) - 1e-9 * simple)


def by_gain(lesson: Lesson, row: int, gains: Floats) -> Floats:
    """The promise of each arm (A,): what its learner reached alone on the table and the gain expected of it (A,)."""
    return np.asarray(_alone(lesson, row) + gains)


def missed(lesson: Lesson, row: int, promise: Floats) -> Floats:
    """What is missed of the table's best arm after each remedy, tried from the largest promise (A,) down.

    Learners alone and their averages have run before.
    """
    kind = [arm.split(".")[0] for arm in lesson.arms]
    control = np.array([one in ("nothing", *BLENDS) for one in kind])
    fitted = np.array([one != "LogitAdjust" for one in kind])
    rest = np.flatnonzero(~control & fitted)
    tried = lesson.means[row, rest[np.argsort(-promise[rest], kind="stable")]]
    reached = np.maximum(np.maximum.accumulate(tried), lesson.means[row, control].max())
    return np.asarray(lesson.means[row].max() - reached)


def rehearse(lesson: Lesson, *, seed: int = 0) -> Rehearsal:
    """Replay both orders on every table, with gains learned from the other base tables alone."""
    learned, plain = np.empty(len(lesson.tables)), np.empty(len(lesson.tables))
    gains = gains_over_learner(lesson)
    for group in range(int(lesson.groups.max()) + 1):
        others = np.flatnonzero(lesson.groups != group)
        ridge = fit_ridge(lesson.features[others], gains[others], lesson.groups[others])
        for row in np.flatnonzero(lesson.groups == group).tolist():
            expected = ridge.predict(lesson.features[row])
            learned[row] = missed(lesson, row, by_gain(lesson, row, expected))[:TRIED].mean()
            plain[row] = missed(lesson, row, by_learner(lesson, row))[:TRIED].mean()
    value, low, high = bootstrap(
        lambda less: float(np.mean(less)), plain - learned, n=DRAWS, seed=seed, groups=lesson.groups
    )
    return Rehearsal(
        tables=len(lesson.tables),
        bases=len(set(lesson.bases)),
        missed=float(learned.mean()),
        missed_by_learner=float(plain.mean()),
        less=(value, low, high),
    )


def expected_gains(
    problem: Problem, diagnosis: Diagnosis | None, goal: Goal, *, name: str = ""
) -> tuple[Mapping[str, float], str]:
    """The gain expected of every arm over its learner alone, by key, and how remedies are ordered, in words.

    There are none where the goal is unknown to the store, or where an order by them is not shown to miss less than
    the order by the best learner. Without a diagnosis, as for matrices, gains are means over all tables known.
    `name` is that of a packaged set, whose own base table must not count.
    """
    plain = "with the best learner first, of its remedies the simplest"
    store = load_experience()
    if goal.kind != "metric" or goal.name not in store.metrics:
        return {}, f"{plain}; this goal was not compared elsewhere"
    lesson = store.lesson(goal.name).unrelated(name)
    seen = rehearse(lesson)
    figures = "{:+.4f} ({:+.4f} to {:+.4f})".format(*seen.less)
    if not seen.helps:
        return {}, (
            f"{plain}; expected gains are not shown to miss less, by {figures} on {seen.tables} other tables "
            f"({ENOUGH} are the least that can show it)"
        )
    gains = gains_over_learner(lesson)
    ridge = fit_ridge(lesson.features, gains, lesson.groups)
    expected = ridge.centre
    if diagnosis is not None and isinstance(problem.X, pd.DataFrame):
        features = table_features(problem.X, diagnosis)
        expected = ridge.predict(np.array([features[one] for one in FEATURES]))
    told = f"by the gains expected from {seen.tables} other tables, where this missed less: {figures}"
    return dict(zip(lesson.arms, expected.tolist(), strict=True)), told


def _alone(lesson: Lesson, row: int) -> Floats:
    """What each arm's learner reached alone on a table (A,); where there is none, the best of them."""
    alone = {
        arm.split(".")[1]: lesson.means[row, place]
        for place, arm in enumerate(lesson.arms)
        if arm.startswith("nothing.")
    }
    best = max(alone.values())
    return np.array([alone.get(arm.split(".")[1], best) for arm in lesson.arms])
