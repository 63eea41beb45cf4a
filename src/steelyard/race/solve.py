"""Race, choose, deliver: the part of the main job that both `run` and `ImbalanceClassifier` do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.core import derive
from steelyard.core.progress import Event, Log
from steelyard.decide import Goal
from steelyard.diagnose import Diagnosis
from steelyard.race.choose import Choice, choose
from steelyard.race.clock import Clock
from steelyard.race.deliver import Delivery, deliver
from steelyard.race.engine import Race, RaceResult
from steelyard.race.options import Options
from steelyard.race.order import expected_gains
from steelyard.race.problem import Problem

__all__ = ["Answer", "solve"]


@dataclass(frozen=True, eq=False)
class Answer:
    """The race, the choice and the finished model."""

    result: RaceResult
    choice: Choice
    delivery: Delivery


def solve(
    train: Problem,
    goal: Goal,
    options: Options,
    *,
    work: Path,
    clock: Clock,
    log: Log,
    diagnosis: Diagnosis | None = None,
    name: str = "",
) -> Answer:
    """Everything that learns, on training rows only; `name` is that of a packaged set."""
    gains, order = expected_gains(train, diagnosis, goal, name=name)
    log.note("Racing", f"learners alone first, then remedies {order}")
    race = Race(train, goal, options, work=work, clock=clock, log=log, gains=gains)
    result = race.run()
    log(Event("Choosing", note=result.stopped or "all levels done"))
    choice = choose(result, goal.sign)
    log(Event("Refitting", note=choice.chosen.label))
    delivery = deliver(
        choice.chosen,
        train,
        result.outcomes,
        goal,
        seed=derive(options.seed, "delivery"),
        n_jobs=options.workers,
    )
    return Answer(result, choice, delivery)
