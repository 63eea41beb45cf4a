"""Run one trial: whatever happens becomes an outcome."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from steelyard.bench.trial import Outcome, Shared, State, Trial
from steelyard.core import NotForMe

__all__ = ["KEPT", "Limits", "batches", "execute"]

KEPT = 8
"""Values, such as tables, that a process keeps from one group of trials to the next."""


@dataclass(frozen=True)
class Limits:
    """What one trial may take.

    Attributes:
        seconds: of wall time, or None.
        megabytes: of memory that its process may hold, or None; kept by executors with processes of their own.
    """

    seconds: float | None = None
    megabytes: int | None = None


class _OutOfTime(BaseException):
    """Not an Exception, so that no trial's own error handling swallows it."""


def execute(trial: Trial, shared: Shared, limits: Limits) -> Outcome:
    """Run a trial and time it."""
    start = time.perf_counter()

    def end(state: State, reason: str) -> Outcome:
        return Outcome(trial.key, state, time.perf_counter() - start, reason=reason)

    try:
        with _time_limit(limits.seconds):
            scores = {name: float(value) for name, value in trial.run(trial, shared).items()}
    except _OutOfTime:
        return end("timeout", f"took longer than {limits.seconds:g} s")
    except NotForMe as declined:
        return end("declined", str(declined))
    except MemoryError as error:
        return end("memory", f"ran out of memory: {error}".rstrip(": "))
    except Exception as error:  # noqa: BLE001 - a failure is a result, and the study goes on
        first = (str(error).splitlines() or [""])[0]
        return end("failed", f"{type(error).__name__}: {first}"[:300])
    wrong = sorted(name for name, value in scores.items() if math.isinf(value))
    if wrong:
        return end("failed", f"infinite values of {', '.join(wrong)}")
    return Outcome(trial.key, "done", time.perf_counter() - start, scores)


def batches(trials: Sequence[Trial]) -> list[list[Trial]]:
    """Trials that share something together, in the order in which they first appear; the others alone."""
    first: dict[str, int] = {}
    for i, trial in enumerate(trials):
        first.setdefault(trial.shares or trial.key, i)
    placed = sorted(trials, key=lambda trial: first[trial.shares or trial.key])
    return [list(group) for _, group in groupby(placed, key=lambda trial: trial.shares or trial.key)]


@contextmanager
def _time_limit(seconds: float | None) -> Iterator[None]:
    """Interrupt Python code after a while; only the main thread can be interrupted."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
