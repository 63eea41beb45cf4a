"""How long to train and how often, within what the user gives."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from steelyard.core import write_text
from steelyard.race.image.options import LEAST_EPOCHS, ImageOptions
from steelyard.tasks.image import ImageArm, Plan

__all__ = ["Schedule", "set_schedule", "usual_epochs"]

STEPS = 2000
"""Steps after which small networks have usually learned what they will."""
MOST_SEEDS = 3
USABLE = 0.85
"""Of the budget; the rest is for choosing, judging and writing."""
SCORING = 1 / 3
"""A picture is scored in about a third of the time of a training step on it."""


@dataclass(frozen=True)
class Schedule:
    """Epochs of plain training, trainings of each arm, seconds a step, and what was cut short."""

    epochs: int
    seeds: int
    pace: float
    note: str = ""


def usual_epochs(n: int, batch_size: int) -> int:
    """Epochs that make about two thousand steps, between 20 and 200.

    >>> usual_epochs(300, 64), usual_epochs(50_000, 64)
    (200, 20)
    """
    return min(200, max(20, math.ceil(STEPS / math.ceil(n / batch_size))))


def set_schedule(
    options: ImageOptions, plan: Plan, arms: Sequence[ImageArm], *, left: float, pace: float, work: Path
) -> Schedule:
    """Epochs and seeds; kept in the working folder, so that a resumed run goes on with the same.

    Args:
        options: what was asked.
        plan: its epochs are not read.
        arms: what will be trained.
        left: seconds.
        pace: seconds a step.
        work: the working folder.
    """
    file = work / "schedule.json"
    if file.is_file():
        return Schedule(**json.loads(file.read_text(encoding="utf-8")))
    if options.epochs is not None:
        found = Schedule(options.epochs, options.seeds or 1, pace)
    else:
        found = _within(options, plan, arms, USABLE * left, pace)
    write_text(file, json.dumps(asdict(found)))
    return found


def _within(
    options: ImageOptions, plan: Plan, arms: Sequence[ImageArm], left: float, pace: float
) -> Schedule:
    steps = math.ceil(len(plan.train) / options.batch_size)
    scored = SCORING * len(plan.validation) / options.batch_size
    an_epoch = pace * (steps + scored) * sum(1 / 3 if arm.retrains else 1 for arm in arms)
    usual = usual_epochs(len(plan.train), options.batch_size)
    seeds = options.seeds or min(MOST_SEEDS, max(1, int(left / (usual * an_epoch))))
    epochs = min(usual, int(left / (seeds * an_epoch)))
    note = (
        "" if epochs >= usual else f"the budget leaves {max(epochs, LEAST_EPOCHS)} epochs, {usual} are usual"
    )
    return Schedule(max(epochs, LEAST_EPOCHS), seeds, pace, note)
