"""Train every arm on every seed; finished trainings are files, so a killed run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from steelyard.core import DataError, Event, Floats, Listener, Log, NotForMe, derive
from steelyard.race.clock import Clock
from steelyard.race.image.schedule import Schedule
from steelyard.tasks.image import ImageArm, NetworkSpec, Plan, make_network, train_arm
from steelyard.train import load_state, save_state

__all__ = ["Attempt", "Competition", "compete"]


@dataclass(frozen=True, eq=False)
class Attempt:
    """One finished training: its probabilities on the validation pictures, its curves, its weights on disk."""

    arm: ImageArm
    seed: int
    p: Floats
    history: list[dict[str, Any]]
    seconds: float
    file: Path

    def network(self, plan: Plan) -> nn.Module:
        """The trained network."""
        spec = NetworkSpec(plan.spec.name, plan.spec.n_classes, plan.spec.channels, self.arm.head)
        network = make_network(spec)
        network.load_state_dict(load_state(self.file)["weights"])
        network.eval()
        return network


@dataclass(frozen=True, eq=False)
class Competition:
    """All finished trainings, and why others were not made."""

    attempts: list[Attempt]
    stopped: dict[str, str]

    def of(self, arm: ImageArm) -> list[Attempt]:
        """The trainings of an arm, by seed."""
        return [one for one in self.attempts if one.arm.name == arm.name]


def compete(
    arms: Sequence[ImageArm], plan: Plan, schedule: Schedule, *, seed: int, work: Path, clock: Clock, log: Log
) -> Competition:
    """Train seed after seed, doing nothing first; when time is over, what is left is not begun."""
    home = work / "fits"
    home.mkdir(parents=True, exist_ok=True)
    total = schedule.seeds * sum(plan.steps_of(arm) for arm in arms)
    attempts: list[Attempt] = []
    stopped: dict[str, str] = {}
    done = 0
    for number in range(schedule.seeds):
        body: Attempt | None = None
        for arm in arms:
            file = home / f"{arm.name}-{number}.safetensors"
            if not file.exists():
                late = _too_late(arm, plan, schedule, clock, first=number == 0 and len(attempts) < 2)
                if late:
                    stopped[arm.name] = late
                    continue
                told = _heard(log, arm, number, schedule, done, total)
                try:
                    _make(arm, plan, derive(seed, "pictures", number), file, body, told)
                except (NotForMe, DataError) as reason:
                    if arm.rank == 0:
                        raise
                    rmtree(file.with_suffix(""), ignore_errors=True)
                    stopped[arm.name] = str(reason)
                    continue
            attempts.append(_read(arm, number, file))
            body = attempts[-1] if arm.rank == 0 else body
            done += plan.steps_of(arm)
            log(Event("Training", done, total, f"{arm.label} is done"))
    return _even(attempts, stopped, schedule.seeds, log)


def _even(attempts: list[Attempt], stopped: dict[str, str], seeds: int, log: Log) -> Competition:
    """Keep the seeds that every arm finished, so that arms stand on equal ground; of a cut first seed what there is."""
    names = {one.arm.name for one in attempts}
    rounds = min(sum(one.arm.name == name for one in attempts) for name in names)
    if rounds < seeds:
        log.note(
            "Training", f"{rounds} of {seeds} seeds count: the budget was used up before all arms had more"
        )
    return Competition(
        [one for one in attempts if one.seed < rounds],
        {name: why for name, why in stopped.items() if name not in names},
    )


def _make(arm: ImageArm, plan: Plan, seed: int, file: Path, body: Attempt | None, listener: Listener) -> None:
    state = file.with_suffix("")
    trained = train_arm(
        arm,
        plan,
        seed,
        folder=state,
        listener=listener,
        body=body.network(plan) if arm.retrains and body is not None else None,
    )
    save_state(
        file,
        {
            "weights": dict(trained.network.state_dict()),
            "p": torch.from_numpy(trained.p),
            "history": trained.history,
            "seconds": sum(record["seconds"] for record in trained.history),
        },
    )
    rmtree(state, ignore_errors=True)


def _read(arm: ImageArm, number: int, file: Path) -> Attempt:
    stored = load_state(file)
    p: Tensor = stored["p"]
    return Attempt(arm, number, np.asarray(p.numpy()), stored["history"], float(stored["seconds"]), file)


def _too_late(arm: ImageArm, plan: Plan, schedule: Schedule, clock: Clock, *, first: bool) -> str:
    """Why a training is not begun; the first two always are."""
    needed = plan.steps_of(arm) * schedule.pace
    if first or clock.left() > 0.5 * needed:
        return ""
    return f"the budget of {(clock.seconds or 0) / 60:g} minutes was used up; about {needed:.0f} s more were needed"


def _heard(log: Log, arm: ImageArm, number: int, schedule: Schedule, done: int, total: int) -> Listener:
    """Progress of one training as progress of all."""
    which = f"{arm.label}, seed {number + 1} of {schedule.seeds}" if schedule.seeds > 1 else arm.label
    before = log.listener

    def told(event: Event) -> None:
        if before is None:
            return
        here = done + event.done
        rest = event.seconds_left
        pace = None if rest is None or event.total <= event.done else rest / (event.total - event.done)
        left = None if pace is None else pace * (total - here)
        # what the stage is called is said already
        before(Event("Training", here, total, f"{which}, {event.note.partition(', ')[2]}", left))

    return told
