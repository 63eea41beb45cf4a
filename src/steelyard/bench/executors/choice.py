"""From the name of an engine to an executor."""

from __future__ import annotations

from pathlib import Path

from steelyard.bench.execute import Limits
from steelyard.bench.executors.cluster import OnRay
from steelyard.bench.executors.processes import Processes
from steelyard.bench.executors.serial import Serial
from steelyard.core import Executor, UsageError

__all__ = ["ENGINES", "make_executor"]

ENGINES = ("processes", "serial", "ray")


def make_executor(
    engine: str = "processes",
    *,
    jobs: int | None = None,
    limits: Limits | None = None,
    study: Path | None = None,
    address: str | None = None,
) -> Executor:
    """The executor called `engine`.

    Args:
        engine: "processes", "serial" or "ray".
        jobs: processes; None takes all cores.
        limits: what a trial may take.
        study: the file the trials' functions stand in, where that is no importable module.
        address: of a running Ray cluster; None starts Ray on this machine.

    Raises:
        UsageError: an unknown engine, no jobs, or an address for an engine that has none.
    """
    limits = limits or Limits()
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs={jobs} came, expected at least 1; leave it out to use all cores")
    if address is not None and engine != "ray":
        raise UsageError(
            f"address={address!r} came with engine={engine!r}; only ray has one, pass engine='ray'"
        )
    if engine == "ray":
        return OnRay(address, jobs, limits, study)
    if engine == "serial":
        return Serial(limits)
    if engine == "processes":
        return Processes(jobs, limits, study)
    raise UsageError(f"engine={engine!r} came, expected one of {', '.join(ENGINES)}")
