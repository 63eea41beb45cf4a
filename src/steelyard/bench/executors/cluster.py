"""Trials on Ray: this machine or a cluster; lost nodes cost their running trials a second start, no more."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steelyard.bench.execute import Limits, batches, execute
from steelyard.bench.trial import Outcome, Shared, State, Trial
from steelyard.core import require

__all__ = ["OnRay"]

GRACE = 5.0
STARTS = 3
"""How often a trial whose worker was lost is started: the loss of a node is no fault of the trial."""


@dataclass(frozen=True)
class OnRay:
    """Runs groups of trials on Ray actors that pull them one after the other.

    Attributes:
        address: of a running cluster, such as "auto" or "ray://head:10001"; None starts Ray on this machine.
        jobs: actors; None takes all cores of the cluster.
        limits: what a trial may take.
        study: the file whose functions the trials run, where that is no importable module. It must exist under
            the same path on every node.
    """

    address: str | None = None
    jobs: int | None = None
    limits: Limits = field(default_factory=Limits)
    study: Path | None = None

    def run(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        """Yield outcomes as they finish."""
        ray = require("ray", extra="ray")
        started = not ray.is_initialized()
        if started:
            ray.init(self.address, include_dashboard=False, log_to_driver=False, configure_logging=False)
        try:
            todo = deque(batches(trials))
            jobs = min(self.jobs or int(ray.cluster_resources().get("CPU", 1)), len(todo))
            here = _on_this_node(ray)
            store = ray.remote(num_cpus=0, scheduling_strategy=here)(_Store).remote()
            lost: Counter[str] = Counter()
            workers = [_Worker(ray, self.limits, self.study, store, lost) for _ in range(jobs)]
            yield from _drive(ray, workers, todo)
        finally:
            if started:
                ray.shutdown()


def _drive(ray: Any, workers: list[_Worker], todo: deque[list[Trial]]) -> Iterator[Outcome]:
    while todo or any(worker.batch for worker in workers):
        waited = {worker.awaited: worker for worker in workers if worker.awaited is not None}
        ready, _ = ray.wait(list(waited), num_returns=1, timeout=1.0)
        for reference in ready:
            yield from waited[reference].heard(todo)
        for worker in workers:
            yield from worker.late(todo)
            worker.take(todo)
    for worker in workers:
        ray.kill(worker.actor)


def _on_this_node(ray: Any) -> Any:
    strategies = require("ray.util.scheduling_strategies", extra="ray")
    return strategies.NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)


class _Worker:
    """The driver's end of one actor: it starts, then works on a group, or waits for one.

    `awaited` is what arrives next: the word that the actor has started, or an outcome; None while it is idle.
    """

    def __init__(self, ray: Any, limits: Limits, study: Path | None, store: Any, lost: Counter[str]) -> None:
        self.ray, self.limits, self.study, self.store, self.lost = ray, limits, study, store, lost
        self.batch: deque[Trial] = deque()
        self.awaited: Any = None
        self.since = 0.0
        self._start()

    def take(self, todo: deque[list[Trial]]) -> None:
        """Begin the next group if there is nothing else to do."""
        if self.awaited is None and todo:
            self.batch = deque(todo.popleft())
            self.since = time.monotonic()
            self.awaited = self.actor.work.options(num_returns="streaming").remote(list(self.batch))

    def heard(self, todo: deque[list[Trial]]) -> list[Outcome]:
        """What arrived; if the actor was lost, the rest of its group goes to whoever is free."""
        errors = self.ray.exceptions
        try:
            if not self.batch:
                self.ray.get(self.awaited)
                self.awaited = None
                return []
            outcome = self.ray.get(next(self.awaited))
        except (errors.RayActorError, errors.ObjectLostError) as error:
            return self._lost(type(error).__name__, todo)
        self.batch.popleft()
        self.since = time.monotonic()
        if not self.batch:
            self.awaited = None
        return [outcome]

    def late(self, todo: deque[list[Trial]]) -> list[Outcome]:
        """The outcome of a trial that has been running for too long."""
        most = self.limits.seconds
        if not self.batch or most is None or time.monotonic() < self.since + most + GRACE:
            return []
        self.ray.kill(self.actor)
        outcome = self._given_up("timeout", f"took longer than {most:g} s")
        self._restart(todo)
        return [outcome]

    def _lost(self, how: str, todo: deque[list[Trial]]) -> list[Outcome]:
        outcomes = []
        if self.batch:
            key = self.batch[0].key
            self.lost[key] += 1
            if self.lost[key] >= STARTS:
                outcomes.append(self._given_up("died", f"its worker was lost {STARTS} times ({how})"))
        self._restart(todo)
        return outcomes

    def _given_up(self, state: State, reason: str) -> Outcome:
        trial = self.batch.popleft()
        return Outcome(trial.key, state, time.monotonic() - self.since, reason=reason)

    def _restart(self, todo: deque[list[Trial]]) -> None:
        """A new actor; what was left to do goes to whichever is free first."""
        if self.batch:
            todo.appendleft(list(self.batch))
        self._start()

    def _start(self) -> None:
        memory = {} if self.limits.megabytes is None else {"memory": self.limits.megabytes * 2**20}
        remote = self.ray.remote(num_cpus=1, **memory)(_Actor)
        self.actor = remote.remote(self.limits, self.study and str(self.study), self.store)
        self.batch.clear()
        self.awaited = self.actor.started.remote()


class _Actor:
    """The cluster's end: groups in, outcomes out."""

    def __init__(self, limits: Limits, study: str | None, store: Any) -> None:
        from steelyard.bench.study_file import load_study

        if study is not None:
            load_study(study)
        self.limits, self.kept = limits, _Plasma(store)

    def started(self) -> bool:
        """Answers once the process runs."""
        return True

    def work(self, batch: Sequence[Trial]) -> Iterator[Outcome]:
        """Run a group of trials."""
        from threadpoolctl import threadpool_limits

        shared = Shared(self.kept)
        with threadpool_limits(limits=1):
            for trial in batch:
                yield execute(trial, shared, self.limits)


class _Store:
    """Which values lie in the object store, for all actors."""

    def __init__(self) -> None:
        self.known: dict[Hashable, list[Any]] = {}

    def get(self, name: Hashable) -> list[Any]:
        """The reference under a name, in a list that keeps Ray from fetching it; empty if there is none."""
        return self.known.get(name, [])

    def put(self, name: Hashable, reference: list[Any]) -> None:
        """Remember a reference; the first one stays."""
        self.known.setdefault(name, reference)


class _Plasma(Shared):
    """Values of all groups lie once a node in Ray's object store and are mapped, not copied."""

    def __init__(self, store: Any) -> None:
        super().__init__()
        self.store = store

    def __call__(self, name: Hashable, compute: Callable[[], Any]) -> Any:
        """The value under `name` from the object store; put there by whoever needs it first."""
        import ray

        try:
            found = ray.get(self.store.get.remote(name))
            if found:
                return ray.get(found[0])
            value = compute()
            ray.get(self.store.put.remote(name, [ray.put(value)]))
        except (ray.exceptions.RayActorError, ray.exceptions.ObjectLostError):
            return super().__call__(name, compute)  # the node that held it is gone
        return value
