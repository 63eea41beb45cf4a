"""From out-of-fold probabilities to scores: as they are, and finished.

"plain" takes a model's probabilities as they come and its most probable class. "tuned" undoes the prior the
remedy trained on, calibrates, and fits the decision rule of the user's goal, always on the out-of-fold rows of
*other* folds, so no row helps to choose the threshold it is judged by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.decide import (
    ArgMax,
    Goal,
    Judged,
    PriorCorrection,
    RowCosts,
    SigmoidCalibration,
    calibration_in_the_large,
)
from steelyard.metrics import TEN, named
from steelyard.race.arms import BLENDS, NOTHING, Arm, Learner
from steelyard.race.blend import learn_shares
from steelyard.race.ledger import Ledger
from steelyard.race.levels import Level
from steelyard.race.problem import Problem

__all__ = ["FoldOutcome", "Outcomes", "RawFold", "Variant"]

Variant = Literal["plain", "tuned"]
LEAST_SHARE = 0.02


@dataclass(frozen=True, eq=False)
class RawFold:
    """Out-of-fold probabilities of one fold with what is needed to judge them."""

    p: Floats
    trained: Floats
    natural: Floats
    y: NDArray[np.int64]
    weight: Floats | None
    costs: RowCosts | None

    @cached_property
    def undone(self) -> Floats:
        """Probabilities with the remedy's training prior undone."""
        if np.allclose(self.trained, self.natural):
            return self.p
        return PriorCorrection(self.trained, self.natural)(self.p)


@dataclass(frozen=True, eq=False)
class FoldOutcome:
    """Probabilities and decisions on one fold, ready to be scored."""

    p: Floats
    decisions: NDArray[np.int64]


class Outcomes:
    """What every arm achieved on every fold it ran; computed from the ledger when asked."""

    def __init__(
        self, problem: Problem, levels: list[Level], ledger: Ledger, goal: Goal, learners: list[Learner]
    ) -> None:
        self.problem, self.levels, self.ledger, self.goal = problem, levels, ledger, goal
        self.learners = learners
        self.raw = cache(self._raw)
        self.shares = cache(self._shares)
        self.outcomes = cache(self._outcomes)
        self.scores = cache(self._scores)
        self.metrics = cache(self._metrics)
        self._parts = [problem if level.rows is None else problem.take(level.rows) for level in levels]

    def forget(self) -> None:
        """Drop what was computed, after new fits arrived."""
        for kept in (self.raw, self.shares, self.outcomes, self.scores, self.metrics):
            kept.cache_clear()

    def variants(self, arm: Arm) -> tuple[Variant, ...]:
        """Ranking goals judge the ranking alone; goals that set an operating point need a tuned one.

        An adjustment is undone like any other change of the prior, so tuned it would be doing nothing, tuned.
        """
        if arm.remedy.kind in {"prior_only", "adjustment"}:
            return ("plain",)
        ranking = self.goal.kind == "metric" and named(self.goal.name).takes == "scores"
        return ("plain",) if ranking or self.goal.kind == "alerts" else ("plain", "tuned")

    def _raw(self, arm: Arm, level: int) -> dict[int, RawFold]:
        """The finished folds of an arm at a level."""
        plan, part = self.levels[level], self._parts[level]
        found = {}
        for number, fold in enumerate(plan.folds):
            weight = None if part.sample_weight is None else part.sample_weight[fold.train]
            natural = np.bincount(part.y[fold.train], weights=weight, minlength=part.n_classes)
            natural = natural / natural.sum()
            made = self._probabilities(arm, plan, number, natural, len(fold.test))
            if made is not None:
                found[number] = RawFold(
                    p=made[0],
                    trained=made[1],
                    natural=natural,
                    y=part.y[fold.test],
                    weight=None if part.sample_weight is None else part.sample_weight[fold.test],
                    costs=None if part.costs is None else part.costs.take(fold.test),
                )
        return found

    def _probabilities(
        self, arm: Arm, plan: Level, number: int, natural: Floats, n: int
    ) -> tuple[Floats, Floats] | None:
        kind = arm.remedy.kind
        if kind == "prior_only":
            return np.tile(natural, (n, 1)), natural
        if kind in BLENDS:
            shares = self.shares(arm, plan.number, number)
            members = [self.ledger.get(plan.key(number, Arm(NOTHING, one).key)) for one in shares]
            parts = [one.p for one in members if one is not None and one.p is not None]
            if len(parts) < max(2, len(shares)):
                return None
            return np.tensordot(list(shares.values()), parts, 1), natural
        if kind == "adjustment":
            base = self._probabilities(Arm(NOTHING, arm.learner), plan, number, natural, n)
            if base is None:
                return None
            adjust = arm.remedy.adjustment(natural)
            return adjust(base[0]), adjust(natural[None])[
                0
            ]  # a row that tells nothing shows where they stand
        result = self.ledger.get(plan.key(number, arm.key))
        if result is None or result.p is None or result.trained is None:
            return None
        return result.p, result.trained

    def _shares(self, arm: Arm, level: int, judged: int | None = None) -> dict[Learner, float]:
        """What every learner counts in a blend, learned without the fold that is judged.

        Members are the learners that finished as many folds as any, but for one that time may have cut off.
        """
        raw = {one: self.raw(Arm(NOTHING, one), level) for one in self.learners}
        enough = max(max(map(len, raw.values())) - 1, 1)
        members = {one: folds for one, folds in raw.items() if len(folds) >= enough}
        if arm.remedy.kind == "blend":
            return dict.fromkeys(members, 1 / max(len(members), 1))
        shared = set.intersection(*(set(folds) for folds in members.values())) if members else set()
        if judged is not None:
            ordered = self.levels[level].ordered
            shared = {one for one in shared if (one < judged if ordered else one != judged)}
        return dict(zip(members, learn_shares(*_right(list(members.values()), sorted(shared))), strict=True))

    def members(self, arm: Arm, basis: Sequence[int]) -> dict[Arm, float]:
        """The arms to fit for a delivery and what each counts; a blend leaves out those that hardly do."""
        if arm.remedy.kind not in BLENDS:
            return {arm: 1.0}
        found = [self.shares(arm, level) for level in basis]
        mean = {one: float(np.mean([shares.get(one, 0.0) for shares in found])) for one in self.learners}
        kept = {one: share for one, share in mean.items() if share >= LEAST_SHARE}
        return {Arm(NOTHING, one): share / sum(kept.values()) for one, share in kept.items()}

    def _outcomes(self, arm: Arm, level: int, variant: Variant) -> dict[int, FoldOutcome]:
        raw = self.raw(arm, level)
        if variant == "plain":
            return {number: FoldOutcome(fold.p, ArgMax().decide(fold.p)) for number, fold in raw.items()}
        tuned = {}
        for number, fold in raw.items():
            others = [
                other
                for key, other in raw.items()
                if (key < number if self.levels[level].ordered else key != number)
            ]
            if others:
                tuned[number] = finish(fold, others, self.goal)
        return tuned

    def _scores(self, arm: Arm, level: int, variant: Variant) -> dict[int, float]:
        """The goal's value on every fold."""
        raw, outcomes = self.raw(arm, level), self.outcomes(arm, level, variant)
        scores = self.goal.score_folds(
            [
                Judged(raw[number].y, outcome.p, outcome.decisions, raw[number].weight, raw[number].costs)
                for number, outcome in outcomes.items()
            ]
        )
        return dict(zip(outcomes, scores, strict=True))

    def _metrics(self, arm: Arm, level: int, variant: Variant) -> dict[str, list[float]]:
        """The ten recorded metrics on every fold."""
        raw = self.raw(arm, level)
        return {
            name: [
                named(name)(raw[number].y, outcome.p, outcome.decisions, raw[number].weight)
                for number, outcome in self.outcomes(arm, level, variant).items()
            ]
            for name in TEN
        }

    def calibration(self, arm: Arm, level: int) -> tuple[float, float]:
        """Calibration in the large before and after the prior is undone and the scores are calibrated."""
        raw = self.raw(arm, level)
        tuned = self._outcomes(arm, level, "tuned")
        before = pool([fold.p for fold in raw.values()]), np.concatenate([f.y for f in raw.values()])
        after = [(tuned[number].p, raw[number].y) for number in tuned]
        first = calibration_in_the_large(*before)
        if not after:
            return first, float("nan")
        return first, calibration_in_the_large(
            pool([p for p, _ in after]), np.concatenate([y for _, y in after])
        )


def finish(fold: RawFold, others: list[RawFold], goal: Goal) -> FoldOutcome:
    """Calibrate and decide one fold with what its sister folds teach."""
    p, y, weight, costs = stack(others)
    calibration = SigmoidCalibration().fit(p, y, sample_weight=weight)
    rule = goal.fit_rule(calibration(p), y, sample_weight=weight, costs=costs)
    finished = calibration(fold.undone)
    return FoldOutcome(finished, rule.for_rows(len(finished)).decide(finished, costs=fold.costs))


def stack(
    folds: list[RawFold],
) -> tuple[Floats, NDArray[np.int64], Floats | None, RowCosts | None]:
    """Pool folds: prior-undone probabilities, classes, weights and costs."""
    weights = [fold.weight for fold in folds if fold.weight is not None]
    costs = [fold.costs for fold in folds if fold.costs is not None]
    return (
        pool([fold.undone for fold in folds]),
        np.concatenate([fold.y for fold in folds]),
        np.concatenate(weights) if weights else None,
        RowCosts(fp=np.concatenate([c.fp for c in costs]), fn=np.concatenate([c.fn for c in costs]))
        if costs
        else None,
    )


def pool(parts: list[Floats]) -> Floats:
    """Stack probabilities."""
    return np.concatenate(parts, axis=0)


def _right(members: list[dict[int, RawFold]], taught: list[int]) -> tuple[Floats, Floats | None]:
    """The probability every member gave to the true class (n, M), and the weights, over some folds."""
    right = [
        np.column_stack([folds[one].p[np.arange(len(folds[one].y)), folds[one].y] for folds in members])
        for one in taught
    ]
    weights = [one.weight for one in (members[0][fold] for fold in taught) if one.weight is not None]
    return (
        np.concatenate([np.zeros((0, len(members))), *right]),
        np.concatenate(weights) if weights else None,
    )
