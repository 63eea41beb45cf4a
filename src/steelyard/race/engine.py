"""The race itself: which fits to run, in which order, on how many processes, until when."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from steelyard.core import derive
from steelyard.core.progress import Event, Log
from steelyard.decide import Goal
from steelyard.race.arms import AVERAGING, BLENDS, NOTHING, OWN, Arm, all_arms, learners, remedies
from steelyard.race.clock import Clock, Forecast
from steelyard.race.encodings import Encodings
from steelyard.race.fitting import FitResult
from steelyard.race.ledger import Ledger
from steelyard.race.levels import Level, plan_levels
from steelyard.race.options import Options
from steelyard.race.outcomes import Outcomes
from steelyard.race.own import own_arms
from steelyard.race.problem import Problem
from steelyard.race.workers import Task, run_tasks

__all__ = ["Race", "RaceResult"]

KEEP_SHARE = 1 / 3
KEEP_LEAST = 5
WRITING_SECONDS = 6.0
WRITING_SHARE = 0.2
FINAL_SHARE = 0.35
NOT_OF_DECISIONS = {
    True: "this goal sets the operating point of every arm itself",
    False: "this goal does not depend on decisions",
}


@dataclass(frozen=True, eq=False)
class RaceResult:
    """What the race hands on.

    Attributes:
        arms: every arm considered.
        outcomes: their scores by level.
        reached: the last level each arm finished, -1 for none.
        reasons: why an arm stopped, failed or declined.
        broken: "failed" or "declined", for the arms that did.
        stopped: why the race ended early, or "".
        fits: fits that were run.
        dear: arms whose final fit on all rows would take longer than the time left.
    """

    arms: list[Arm]
    outcomes: Outcomes
    reached: dict[str, int]
    reasons: dict[str, str]
    broken: dict[str, str]
    stopped: str
    fits: int
    dear: set[str]


class Race:
    """All arms on the training part of a problem; knows protocols, never methods by name."""

    def __init__(
        self,
        problem: Problem,
        goal: Goal,
        options: Options,
        *,
        work: Path,
        clock: Clock,
        log: Log,
        gains: Mapping[str, float] | None = None,
    ) -> None:
        self.problem, self.goal, self.options = problem, goal, options
        self.work, self.clock, self.log = work, clock, log
        self.gains = gains or {}
        self.ledger = Ledger(work / "fits")
        self.learners = learners(options.learners)
        chosen = remedies(options.remedies)
        idle = [] if goal.of_decisions else [one for one in chosen if one.kind == "adjustment"]
        self.arms = all_arms(self.learners, [one for one in chosen if one not in idle])
        self.arms += own_arms(options.arms)
        self.levels = plan_levels(problem, options)
        self.outcomes = Outcomes(problem, self.levels, self.ledger, goal, self.learners)
        self.forecast = Forecast()
        self.reasons: dict[str, str] = {}
        self.broken: dict[str, str] = {}
        self.reached = {arm.key: -1 for arm in self.arms}
        self.planned = 0
        self.stopped = ""
        for remedy in idle:
            self._decline(
                Arm(remedy), f"it moves decisions alone, and {NOT_OF_DECISIONS[goal.needs_decision]}"
            )

    def run(self) -> RaceResult:
        """Run level after level until all are done or the limit is reached."""
        alive = [arm for arm in self.arms if arm.key not in self.broken]
        for level in self.levels:
            encodings = Encodings(self._part(level), self.work / "encoded" / str(level.number))
            try:
                alive = self._run_level(level, alive, encodings)
            finally:
                encodings.clear()
            if self.stopped:
                break
        dear = self._dear()
        return RaceResult(
            self.arms,
            self.outcomes,
            self.reached,
            self.reasons,
            self.broken,
            self.stopped,
            self.planned,
            dear,
        )

    def _decline(self, arm: Arm, reason: str) -> None:
        self.arms.append(arm)
        self.reached[arm.key] = -1
        self.reasons[arm.key] = reason
        self.broken[arm.key] = "declined"

    def _part(self, level: Level) -> Problem:
        return self.problem if level.rows is None else self.problem.take(level.rows)

    def _run_level(self, level: Level, alive: list[Arm], encodings: Encodings) -> list[Arm]:
        controls = [arm for arm in alive if arm.remedy.kind == "nothing"]
        self._run_arms(level, self._ranked(controls, level), encodings, least=int(level.number == 0))
        self._mark(level, controls)
        if level.number == 0:
            alive = self._add_averaging(alive, level)
        rest = [arm for arm in alive if arm.remedy.kind != "nothing"]
        self._run_arms(level, self._ranked(rest, level), encodings, least=0)
        self._mark(level, rest)
        return self._survivors(alive, level)

    def _add_averaging(self, alive: list[Arm], level: Level) -> list[Arm]:
        """Averaging alone helps calibrated arms, so the best learner gets it as a control."""
        scored = {
            one.name: self._score(Arm(NOTHING, one), level.number)
            for one in self.learners
            if self.reached[Arm(NOTHING, one).key] == level.number
        }
        if not scored:
            return alive
        best = max(sorted(scored), key=lambda name: scored[name])
        arm = Arm(AVERAGING, next(one for one in self.learners if one.name == best))
        self.arms.append(arm)
        self.reached[arm.key] = -1
        return [*alive, arm]

    def _score(self, arm: Arm, level: int) -> float:
        """The better variant's mean score, with the sign turned so that more is better."""
        means = []
        for variant in self.outcomes.variants(arm):
            scores = list(self.outcomes.scores(arm, level, variant).values())
            if scores and np.isfinite(scores).any():
                means.append(self.goal.sign * float(np.nanmean(scores)))
        return max(means, default=-np.inf)

    def _ranked(self, arms: Iterable[Arm], level: Level) -> list[Arm]:
        """The most promising first: by the last level, at level 0 by doing nothing and the gain expected of a remedy.

        Controls and own arms go first. What brings its own learner is held against the best of them, or, with no
        gains to expect, comes before the others.
        """
        if level.number:
            return sorted(arms, key=lambda arm: (-self._score(arm, level.number - 1), arm.key))
        alone = {
            one: self._score(Arm(NOTHING, one), 0) if self.reached[Arm(NOTHING, one).key] >= 0 else -np.inf
            for one in self.learners
        }
        best = max(alone.values()) if self.gains else np.inf

        def promise(arm: Arm) -> tuple[bool, float, float, float, str]:
            later = not arm.remedy.control and arm.remedy.kind != OWN
            base = alone[arm.learner] if arm.learner else best
            learner = float(arm.learner.rank) if arm.learner else 0.0
            return (later, -(base + self.gains.get(arm.key, 0.0)), arm.remedy.rank, learner, arm.key)

        return sorted(arms, key=promise)

    def _run_arms(self, level: Level, arms: Sequence[Arm], encodings: Encodings, *, least: int) -> None:
        """Admit arms while the limit allows, then run their folds, fold by fold so that all stay comparable."""
        admitted: list[Arm] = []
        rows = len(level.folds[0].train)
        seconds = 0.0
        for arm in arms:
            if not arm.remedy.refits:
                continue
            cost = self.forecast.seconds(arm, rows) * len(level.folds) / self.options.workers
            if len(admitted) >= least:
                if self._fits_left(len(admitted) * len(level.folds)) < len(level.folds):
                    self._stop(arm, f"the limit of {self.options.max_fits} fits was reached")
                    continue
                if seconds + cost > self.clock.left(self._reserve()):
                    self._stop(arm, "the time budget was reached")
                    continue
            admitted.append(arm)
            seconds += cost
        tasks = [self._task(level, number, arm) for number in range(len(level.folds)) for arm in admitted]
        self.planned += len(tasks)
        self._execute(level, tasks, encodings, 2 * least)
        self.outcomes.forget()

    def _fits_left(self, admitted: int) -> float:
        if self.options.max_fits is None:
            return np.inf
        return self.options.max_fits - self.planned - admitted

    def _reserve(self) -> float:
        """Time kept back for the final fits, of a blend and of doing nothing, and for the judgement."""
        alone = [self._final(Arm(NOTHING, one)) for one in self.learners]
        final = (sum(alone) + max(alone)) / self.options.workers
        return self._writing() + min(final, FINAL_SHARE * (self.clock.seconds or np.inf))

    def _writing(self) -> float:
        return min(WRITING_SECONDS, WRITING_SHARE * (self.clock.seconds or np.inf))

    def _final(self, arm: Arm) -> float:
        """The expected time of an arm's fits on all rows, one after the other."""
        fits = [Arm(NOTHING, one) for one in self.learners] if arm.remedy.kind in BLENDS else [arm]
        return sum(self.forecast.seconds(one, self.problem.n) for one in fits)

    def _dear(self) -> set[str]:
        """What could not be delivered in time; the quickest of doing nothing always can."""
        if self.clock.seconds is None:
            return set()
        left = max(self.clock.left(self._writing()), FINAL_SHARE * self.clock.seconds) * self.options.workers
        alone = [Arm(NOTHING, one) for one in self.learners if self.reached[Arm(NOTHING, one).key] >= 0]
        quickest = min(alone, key=self._final, default=None)
        dear = {arm.key for arm in self.arms if arm != quickest and self._final(arm) > left}
        for key in dear:
            self.reasons.setdefault(
                key, "its final fit on all rows would have taken longer than the time left"
            )
        return dear

    def _stop(self, arm: Arm, reason: str) -> None:
        self.reasons.setdefault(arm.key, reason)
        self.stopped = reason

    def _task(self, level: Level, number: int, arm: Arm) -> Task:
        key = level.key(number, arm.key)
        return Task(key, arm, number, derive(self.options.seed, "fit", key))

    def _execute(self, level: Level, tasks: list[Task], encodings: Encodings, least: int) -> None:
        stage = f"Racing, level {level.number + 1} of {len(self.levels)}"
        rows = len(level.folds[0].train)
        waiting = []
        for task in tasks:
            known = self.ledger.get(task.key)
            if known is None:
                waiting.append(task)
            else:
                self._learn(task.arm, known, rows)
        done = len(tasks) - len(waiting)
        started, begun = time.monotonic(), done

        def feed() -> Iterator[Task]:
            """While time lasts all tasks; then only what the least arm needs to be judged at all."""
            owed = {task.key for task in tasks if task.arm == tasks[0].arm and task.fold < least}
            fold, slow = 0, set[str]()
            for place, task in enumerate(waiting):
                if task.fold > fold:
                    fold, slow = task.fold, slow | self._too_slow(waiting[place:], slow, rows)
                late = self.clock.left(self._reserve()) <= 0 or task.arm.key in slow
                if late:
                    self._stop(task.arm, "the time budget was reached")
                if not late or task.key in owed:
                    yield task

        self.log(Event(stage, done, len(tasks), f"{len(tasks)} fits", None))
        jobs = run_tasks(feed(), level, encodings, self._part(level), self.options.workers)
        for task, result in jobs:
            self.ledger.put(task.key, result)
            done += 1
            self._learn(task.arm, result, rows)
            pace = (time.monotonic() - started) / max(done - begun, 1)
            left = min(pace * (len(tasks) - done), max(self.clock.left(), 0))
            self.log(Event(stage, done, len(tasks), task.arm.label, left))

    def _too_slow(self, waiting: Sequence[Task], already: set[str], rows: int) -> set[str]:
        """Arms to give up so that the quicker ones finish their folds in time."""
        left, slow = self.clock.left(self._reserve()) * self.options.workers, set[str]()
        arms = {task.arm.key: task.arm for task in waiting if task.arm.key not in already}
        for key, arm in sorted(arms.items(), key=lambda one: self.forecast.seconds(one[1], rows)):
            left -= self.forecast.seconds(arm, rows) * sum(task.arm == arm for task in waiting)
            if left < 0:
                slow.add(key)
        return slow

    def _learn(self, arm: Arm, result: FitResult, rows: int) -> None:
        if result.status == "done":
            self.forecast.learn(arm, result.seconds, rows)
        elif self.reasons.get(arm.key) != result.reason:
            self.reasons[arm.key] = result.reason
            self.broken[arm.key] = result.status
            self.log.note("Racing", f"{arm.label} {result.status}: {result.reason}")

    def _mark(self, level: Level, arms: Iterable[Arm]) -> None:
        """An arm has reached a level when it finished at least two of its folds."""
        for arm in arms:
            finished = len(self.outcomes.raw(arm, level.number))
            if finished >= min(2, len(level.folds)):
                self.reached[arm.key] = level.number

    def _survivors(self, alive: list[Arm], level: Level) -> list[Arm]:
        """Controls and the best third go on."""
        racing = [
            arm
            for arm in alive
            if self.reached[arm.key] == level.number and not arm.remedy.control and arm.remedy.refits
        ]
        racing.sort(key=lambda arm: (-self._score(arm, level.number), arm.key))
        keep = max(KEEP_LEAST, int(np.ceil(KEEP_SHARE * len(racing))))
        for arm in racing[keep:]:
            self.reasons.setdefault(
                arm.key, f"not among the best {keep} remedies after level {level.number + 1}"
            )
        kept = {arm.key for arm in racing[:keep]}
        return [arm for arm in alive if arm.remedy.control or not arm.remedy.refits or arm.key in kept]
