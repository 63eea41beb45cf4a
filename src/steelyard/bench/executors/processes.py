"""Trials on several processes of this machine: a trial that hangs, eats memory or crashes takes nothing along."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import joblib

from steelyard.bench.execute import KEPT, Limits, batches, execute
from steelyard.bench.trial import Outcome, Shared, Trial

__all__ = ["Processes"]

GRACE = 5.0
"""Seconds between asking a trial to stop and ending its process: compiled code hears nothing before it returns."""
START = 60.0
"""The same before the first outcome of a process, which starts and imports within that time."""


@dataclass(frozen=True)
class Processes:
    """Runs trials on `jobs` processes, each with one compute thread.

    Attributes:
        jobs: processes; None takes the machine's cores.
        limits: what a trial may take; over time its process is ended and replaced.
        study: the file whose functions the trials run, where that is no importable module.
    """

    jobs: int | None = None
    limits: Limits = field(default_factory=Limits)
    study: Path | None = None

    def run(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        """Yield outcomes as they finish."""
        todo = deque(batches(trials))
        jobs = min(self.jobs or int(joblib.cpu_count()), len(todo))
        workers = [_Worker(self.limits, self.study) for _ in range(jobs)]
        try:
            for worker in workers:
                worker.take(todo)
            while busy := [worker for worker in workers if worker.batch]:
                watched = [thing for worker in busy for thing in (worker.pipe, worker.process.sentinel)]
                wait(watched, timeout=_until_deadline(busy))
                for worker in busy:
                    yield from worker.heard()
                    if not worker.batch:
                        worker.take(todo)
        finally:
            for worker in workers:
                worker.end()


class _Worker:
    """A process and the batch it works on; a process that ended is replaced, and the batch goes on."""

    def __init__(self, limits: Limits, study: Path | None) -> None:
        self.limits, self.study = limits, study
        self.batch: deque[Trial] = deque()
        self._start()

    def take(self, todo: deque[list[Trial]]) -> None:
        """Begin the next batch, if there is one."""
        if todo:
            self.batch = deque(todo.popleft())
            self._send()

    def heard(self) -> list[Outcome]:
        """Outcomes that arrived, and those of trials that ended with their process or ran out of time."""
        found, alive = [], self.process.is_alive()
        try:
            while self.batch and self.pipe.poll():
                found.append(self.pipe.recv())
                self.batch.popleft()
                self.since, self.grace = time.monotonic(), GRACE
        except (EOFError, ConnectionError):
            alive = False
        if self.batch and not alive:
            self.process.join(GRACE)
            found.append(self._lost("died", f"its process ended ({_how(self.process.exitcode)})"))
        elif self.batch and self.deadline is not None and time.monotonic() > self.deadline:
            found.append(self._lost("timeout", f"took longer than {self.limits.seconds:g} s"))
        return found

    @property
    def deadline(self) -> float | None:
        """When the process is ended."""
        return None if self.limits.seconds is None else self.since + self.limits.seconds + self.grace

    def end(self) -> None:
        """End the process, at once if it is working."""
        if self.batch:
            self.process.kill()
        self.pipe.close()
        self.process.join()

    def _lost(self, state: Any, reason: str) -> Outcome:
        self.process.kill()
        self.process.join()
        self.pipe.close()
        trial = self.batch.popleft()
        seconds = time.monotonic() - self.since
        self._start()
        self._send()
        return Outcome(trial.key, state, seconds, reason=reason)

    def _start(self) -> None:
        # a fresh interpreter: forking a process whose libraries run threads can hang
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, self.limits, self.study), daemon=True)
        self.process.start()
        self.grace = START
        theirs.close()

    def _send(self) -> None:
        self.since = time.monotonic()
        if self.batch:
            with suppress(ConnectionError):  # a process that just ended is noticed when it is next heard
                self.pipe.send(list(self.batch))


def _until_deadline(workers: Sequence[_Worker]) -> float | None:
    ends = [worker.deadline for worker in workers if worker.deadline is not None]
    return max(0.0, min(ends) - time.monotonic()) + 0.05 if ends else None


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}, as when memory runs out"


def _work(pipe: Connection, limits: Limits, study: Path | None) -> None:
    """The other side: batches in, outcomes out, until the pipe closes."""
    from threadpoolctl import threadpool_limits

    from steelyard.bench.study_file import load_study

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business; it ends its workers
    _limit_memory(limits.megabytes)
    if study is not None:
        load_study(study)
    kept = Shared(most=KEPT)
    with threadpool_limits(limits=1):
        while True:
            try:
                batch = pipe.recv()
            except EOFError:
                return
            shared = Shared(kept)
            for trial in batch:
                pipe.send(execute(trial, shared, limits))


def _limit_memory(megabytes: int | None) -> None:
    if megabytes is not None:
        import resource

        most = megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
