"""What each training would decide, plainly and with the prior corrected; never tuned on what it is scored on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, Prior, derive, generator
from steelyard.decide import ArgMax, ClassMultipliers, Goal, Rule, TemperatureScaling, Threshold
from steelyard.race.image.competition import Attempt
from steelyard.tasks.image import ImageArm, undone

__all__ = ["PLAIN", "TUNED", "Candidate", "Ground", "candidates_of", "finishing", "rule_of"]

Ints = NDArray[np.int64]
PLAIN, ADJUSTED, TUNED = "plain", "adjusted", "tuned"
MEDDLING: dict[str, float] = {PLAIN: 0.0, ADJUSTED: 0.5, TUNED: 0.75}
FOLDS = 5
BALANCED = "balanced_accuracy"


@dataclass(frozen=True, eq=False)
class Ground:
    """What all candidates are scored on.

    Attributes:
        y: class positions of the validation pictures (n,).
        groups: equal for pictures that belong together (n,).
        prior: of the training pictures.
        natural: class shares where decisions will be made (K,).
        goal: what is to be reached.
        seed: of the folds and resamples.
    """

    y: Ints
    groups: Ints
    prior: Prior
    natural: Floats
    goal: Goal
    seed: int

    @property
    def folds(self) -> Ints:
        """A fold for every picture (n,), classes spread evenly, groups together."""
        rng = generator(derive(self.seed, "finish"))
        units, first = np.unique(self.groups, return_index=True)
        shuffled = rng.permutation(len(units))
        by_class = shuffled[np.argsort(self.y[first][shuffled], kind="stable")]
        fold = np.empty(len(units), dtype=np.int64)
        fold[by_class] = np.arange(len(units)) % min(FOLDS, len(units))
        return fold[np.searchsorted(units, self.groups)]


@dataclass(frozen=True, eq=False)
class Candidate:
    """An arm with a way to decide: per seed, probabilities and decisions on the validation pictures."""

    arm: ImageArm
    variant: str
    p: list[Floats]
    decisions: list[Ints]
    seconds: float

    @property
    def key(self) -> str:
        """The arm and the variant."""
        return f"{self.arm.name}:{self.variant}"

    @property
    def label(self) -> str:
        """What people read."""
        if self.variant == ADJUSTED:
            return "logit adjustment"
        return f"{self.arm.label}, tuned" if self.variant == TUNED else self.arm.label

    @property
    def rank(self) -> float:
        """How much it meddles."""
        return self.arm.rank + MEDDLING[self.variant]


def candidates_of(attempts: list[Attempt], ground: Ground) -> list[Candidate]:
    """All ways to decide with the trainings of one arm."""
    arm = attempts[0].arm
    trained = arm.trained(ground.prior)
    variants = [PLAIN, TUNED]
    if arm.rank == 0 and ground.goal.metric == BALANCED:
        variants.insert(1, ADJUSTED)
    found = []
    for variant in variants:
        pairs = [_finished(one.p, trained, variant, ground) for one in attempts]
        found.append(
            Candidate(
                arm,
                variant,
                [p for p, _ in pairs],
                [decided for _, decided in pairs],
                float(np.mean([one.seconds for one in attempts])),
            )
        )
    return found


def _finished(raw: Floats, trained: Floats, variant: str, ground: Ground) -> tuple[Floats, Ints]:
    """Probabilities and decisions of one training; what is tuned is tuned on other folds."""
    p = undone(raw, trained, ground.natural)
    if variant == PLAIN:
        return p, np.asarray(raw.argmax(axis=1), dtype=np.int64)
    if variant == ADJUSTED:
        return p, np.asarray((raw / trained).argmax(axis=1), dtype=np.int64)
    finished, decisions = np.empty_like(p), np.empty(len(p), dtype=np.int64)
    folds = ground.folds
    for fold in np.unique(folds):
        held = folds == fold
        calibration, rule = finishing(p[~held], ground.y[~held], ground)
        finished[held] = calibration(p[held])
        decisions[held] = rule.decide(finished[held])
    return finished, decisions


def finishing(p: Floats, y: Ints, ground: Ground) -> tuple[TemperatureScaling, Rule]:
    """A calibration, and the rule that serves the goal on calibrated probabilities."""
    calibration = TemperatureScaling(ground.prior).fit(p, y)
    goal = ground.goal
    if goal.metric == BALANCED:
        because = "there every class counts alike"
        return calibration, _rule(1 / ground.natural, because)
    if goal.of_decisions:
        return calibration, goal.fit_rule(calibration(p), y)
    return calibration, ArgMax()


def rule_of(
    variant: str, arm: ImageArm, calibration: TemperatureScaling, tuned: Rule, ground: Ground
) -> Rule:
    r"""The rule on calibrated probabilities that decides as the candidate did.

    Undoing the prior and calibrating multiply and bend what the network said; the same decisions come from
    calibrated probabilities times :math:`(\pi_t/\pi)^{1/T} \pi_{train}^{-\tau}`.
    """
    if variant == TUNED:
        return tuned
    trained = arm.trained(ground.prior)
    back = (trained / ground.natural) ** (1 / calibration.temperature_)
    back = back * ground.prior.p**-calibration.shift_
    if variant == ADJUSTED:
        return _rule(back * trained ** (-1 / calibration.temperature_), "the training prior is taken out")
    return _rule(back, "there the network itself is undecided")


def _rule(multipliers: Any, because: str) -> Rule:
    if np.allclose(multipliers, multipliers[0]):
        return ArgMax()
    if len(multipliers) == 2:
        return Threshold(float(multipliers[0] / multipliers.sum()), because)
    return ClassMultipliers(multipliers / np.exp(np.log(multipliers).mean()), because)
