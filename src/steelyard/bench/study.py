"""Run a study: only what has not run yet, and whatever finishes is kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from steelyard.bench.ledger import Ledger
from steelyard.bench.trial import Outcome, Trial
from steelyard.core import Event, Executor, Listener

__all__ = ["Plan", "StudyResults", "one_of_each", "plan_study", "read_study", "run_study"]


@dataclass(frozen=True, eq=False)
class StudyResults:
    """What a study has found so far.

    Attributes:
        scores: one row a score: data, arm, learner, seed, split, metric, value, and the key of its trial.
        trials: one row a trial: key, data, arm, learner, seed, split, settings, state, reason, seconds, finished.
        wanted: how many trials the study lists.
    """

    scores: pd.DataFrame
    trials: pd.DataFrame
    wanted: int

    @property
    def states(self) -> dict[str, int]:
        """How many trials ended how; those that have not run are "open"."""
        known = {str(name): int(n) for name, n in self.trials["state"].value_counts().items()}
        rest = self.wanted - len(self.trials)
        return known | ({"open": rest} if rest else {})


@dataclass(frozen=True)
class Plan:
    """What running a study would do.

    Attributes:
        trials: how many it lists.
        open: how many have not run.
        seconds: compute time of the open ones by what the same arms took before; None if some arm never ran.
        unknown: arms that never ran.
    """

    trials: int
    open: int
    seconds: float | None
    unknown: tuple[str, ...]


def plan_study(trials: Sequence[Trial], folder: str | Path, *, retry: bool = False) -> Plan:
    """How many trials are open and how long they take, by the times in the ledger."""
    with Ledger(folder) as ledger:
        pending, known = _pending(trials, ledger, retry), ledger.seconds()
    unknown = sorted({_kind(trial) for trial in pending} - set(known))
    total = None if unknown else sum(known[_kind(trial)] for trial in pending)
    return Plan(len(trials), len(pending), total, tuple(" + ".join(filter(None, one)) for one in unknown))


def one_of_each(trials: Sequence[Trial]) -> list[Trial]:
    """The first trial of every arm and learner: run, they tell how long a study takes."""
    first: dict[tuple[str, str], Trial] = {}
    for trial in trials:
        first.setdefault(_kind(trial), trial)
    return list(first.values())


def run_study(
    trials: Sequence[Trial],
    folder: str | Path,
    executor: Executor,
    *,
    retry: bool = False,
    listener: Listener | None = None,
) -> StudyResults:
    """Run the trials that have not run yet.

    Args:
        trials: all trials of the study.
        folder: the ledger's; a study that was stopped goes on from it.
        executor: where to run.
        retry: run failed ones again.
        listener: hears about progress.
    """
    by_key = {trial.key: trial for trial in trials}
    with Ledger(folder) as ledger:
        pending = _pending(trials, ledger, retry)
        clock = _Clock(len(trials), pending, ledger.seconds(), listener)
        for outcome in executor.run(pending):
            trial = by_key[outcome.key]
            ledger.record(trial, outcome)
            clock.tick(trial, outcome)
        return _results(ledger, trials)


def read_study(trials: Sequence[Trial], folder: str | Path) -> StudyResults:
    """What the ledger holds of these trials."""
    with Ledger(folder) as ledger:
        return _results(ledger, trials)


def _results(ledger: Ledger, trials: Sequence[Trial]) -> StudyResults:
    keys = [trial.key for trial in trials]
    return StudyResults(ledger.results(keys), ledger.trials(keys), len(keys))


def _kind(trial: Trial) -> tuple[str, str]:
    """Trials that take about the same time."""
    return trial.arm, trial.learner


def _pending(trials: Sequence[Trial], ledger: Ledger, retry: bool) -> list[Trial]:
    finished = ledger.finished(failures=not retry)
    return [trial for trial in trials if trial.key not in finished]


class _Clock:
    """Time left: open trials of each arm times what the arm takes, scaled by the pace so far."""

    def __init__(
        self,
        total: int,
        pending: Sequence[Trial],
        known: dict[tuple[str, str], float],
        listener: Listener | None,
    ) -> None:
        self.total, self.listener = total, listener
        self.open = Counter(map(_kind, pending))
        self.spent = {kind: [seconds] for kind, seconds in known.items()}
        self.worked, self.start = 0.0, time.monotonic()
        self._tell("")

    def tick(self, trial: Trial, outcome: Outcome) -> None:
        """One more is finished."""
        self.open[_kind(trial)] -= 1
        self.spent.setdefault(_kind(trial), []).append(outcome.seconds)
        self.worked += outcome.seconds
        self._tell(trial.label if outcome.state == "done" else f"{trial.label}: {outcome.state}")

    def _tell(self, note: str) -> None:
        if self.listener is not None:
            done = self.total - sum(self.open.values())
            self.listener(Event("Trials", done, self.total, note, self._left()))

    def _left(self) -> float | None:
        if not self.worked:
            return None
        mean = {kind: sum(times) / len(times) for kind, times in self.spent.items()}
        typical = sum(mean.values()) / len(mean)
        work = sum(n * mean.get(kind, typical) for kind, n in self.open.items())
        return work * (time.monotonic() - self.start) / self.worked
