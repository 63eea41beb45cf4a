"""Read the race: what every arm reached, how it differs from doing nothing, and which arm to deliver."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from steelyard.core import DataError
from steelyard.decide import Goal
from steelyard.metrics import Comparison, corrected_interval, named
from steelyard.race.arms import WEIGHTED, Arm
from steelyard.race.compare import simplest_good_enough
from steelyard.race.engine import RaceResult
from steelyard.race.outcomes import Variant

__all__ = ["Choice", "Standing", "choose", "standings"]


@dataclass(frozen=True, eq=False)
class Standing:
    """One arm in one variant, with its scores per (level, fold)."""

    arm: Arm
    variant: Variant
    basis: tuple[int, ...]
    scores: dict[tuple[int, int], float]
    score: Comparison
    difference: Comparison

    @property
    def key(self) -> str:
        """The arm and the variant."""
        return f"{self.arm.key}:{self.variant}"

    @property
    def label(self) -> str:
        """How the standing is shown."""
        return f"{self.arm.label}, tuned" if self.variant == "tuned" else self.arm.label


@dataclass(frozen=True, eq=False)
class Choice:
    """The chosen standing, the best one, doing nothing, and all others in order."""

    chosen: Standing
    best: Standing
    reference: Standing
    standings: list[Standing]


def choose(result: RaceResult, sign: int) -> Choice:
    """The simplest arm within one standard error of the best, among those that went all the way."""
    raw = standings(result)
    plain = [s for s in raw if s.arm.remedy.kind == "nothing" and s.variant == "plain"]
    if not plain:
        reason = next(iter(result.reasons.values()), "no fit finished")
        raise DataError(
            f"no learner could be fitted without a remedy ({reason}); check the data or the budget"
        )
    farthest = max((_depth(s), len(s.scores)) for s in plain)
    reference = max(
        (s for s in plain if (_depth(s), len(s.scores)) == farthest), key=lambda s: sign * s.score.mean
    )
    ranked = _against(raw, reference, result, sign)
    finalists = sorted(
        (s for s in ranked if _comparable(s, reference) and _eligible(s, result)),
        key=lambda s: (s.variant == "tuned", s.arm.learner is None, s.key),  # of equals the plainer
    )
    share = _share(result, reference)
    shared = sorted(set.intersection(*(set(s.scores) for s in finalists)))
    chosen, best = simplest_good_enough(
        {s.key: [s.scores[fold] for fold in shared] for s in finalists},
        {s.key: (s.arm.remedy.rank, _order(s, finalists, sign)) for s in finalists},
        sign=sign,
        test_share=share,
    )
    by_key = {s.key: s for s in ranked}
    return Choice(by_key[chosen], by_key[best], by_key[reference.key], ranked)


def _order(one: Standing, finalists: list[Standing], sign: int) -> float:
    """Among arms that do equally little: the weighted average, for the best of many noisy means is partly luck.

    One learner goes first where the average does not change the score at all.
    """
    careful = [s for s in finalists if s.arm.remedy == WEIGHTED]
    if one in careful:
        return 1.0
    same = careful and one.score.mean == max((s.score.mean for s in careful), key=lambda mean: sign * mean)
    return 0.0 if same and one.arm.learner is not None else 2.0


def standings(result: RaceResult) -> list[Standing]:
    """Every arm's scores on the largest rows it met, all repeats together."""
    levels = result.outcomes.levels
    run = [n for n in range(len(levels)) if any(at >= n for at in result.reached.values())]
    found = []
    for arm in result.arms:
        reached = [n for n in run if len(result.outcomes.raw(arm, n)) >= min(2, len(levels[n].folds))]
        if not reached:
            continue
        full = [n for n in reached if levels[n].rows is None]
        basis = tuple(full or reached)
        for variant in result.outcomes.variants(arm):
            scores = {
                (n, fold): value
                for n in basis
                for fold, value in result.outcomes.scores(arm, n, variant).items()
            }
            if scores and np.isfinite(list(scores.values())).any():
                mean = corrected_interval(list(scores.values()), test_share=levels[basis[0]].test_share)
                mean = _within(mean, result.outcomes.goal)
                found.append(Standing(arm, variant, basis, scores, mean, mean))
    return found


def _within(mean: Comparison, goal: Goal) -> Comparison:
    """An interval cannot leave what the goal's values can be."""
    if goal.kind == "metric":
        low, high = named(goal.name).bounds
    else:
        low, high = (0.0, np.inf) if goal.kind == "cost" else (-1.0, 1.0)
    return replace(mean, low=max(mean.low, low), high=min(mean.high, high))


def _against(raw: list[Standing], reference: Standing, result: RaceResult, sign: int) -> list[Standing]:
    """Pair every standing with doing nothing on the folds both ran; best first."""
    outcomes, ranked = result.outcomes, []
    for one in raw:
        base = {
            (n, fold): value
            for n in one.basis
            for fold, value in outcomes.scores(reference.arm, n, reference.variant).items()
        }
        shared = sorted(set(base) & set(one.scores))
        gap = [sign * (one.scores[k] - base[k]) for k in shared]
        compared = corrected_interval(gap, test_share=outcomes.levels[one.basis[0]].test_share)
        ranked.append(Standing(one.arm, one.variant, one.basis, one.scores, one.score, compared))
    whole = len(reference.scores)
    return sorted(
        ranked,
        key=lambda s: (
            -_depth(s),
            len(s.scores) < whole - 1,
            -_or_low(sign * s.score.mean),
            s.arm.remedy.rank,
            s.key,
        ),
    )


def _or_low(value: float) -> float:
    return value if np.isfinite(value) else -np.inf


def _depth(one: Standing) -> int:
    return max(one.basis)


def _comparable(one: Standing, reference: Standing) -> bool:
    """Finalists ran the folds that doing nothing ran, but for one that time cut off or that tuning cannot use."""
    missing = set(reference.scores) - set(one.scores)
    return len(one.scores) > 0 and (len(missing) <= 1 or all(fold == 0 for _, fold in missing))


def _eligible(one: Standing, result: RaceResult) -> bool:
    """Guessing the prior is a yardstick, never an answer; operating-point goals need a tuned arm."""
    if one.arm.remedy.kind == "prior_only" or one.arm.key in result.dear:
        return False
    demanded = result.outcomes.goal.kind != "metric" and "tuned" in result.outcomes.variants(one.arm)
    return one.variant == "tuned" or not demanded


def _share(result: RaceResult, reference: Standing) -> float:
    return result.outcomes.levels[reference.basis[0]].test_share
