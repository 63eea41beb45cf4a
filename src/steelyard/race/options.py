"""What a user may ask of a race, checked in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from steelyard.core import UsageError
from steelyard.race.own import describe, own_arms

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """The settings of a race that decide its answer, and those that only decide its speed.

    Attributes:
        folds, repeats: cross-validation inside the training part; each repeat reshuffles.
        test_size: the share of rows set aside for the one final judgement; 0 for none.
        budget: minutes of wall clock for the whole run, or None.
        max_fits: a number of fits, or None; with it the answer does not depend on the machine's speed.
        learners, remedies: names, or None for the defaults.
        arms: name -> scikit-learn classifier or pipeline, raced beside them; it reads encoded rows, all numbers.
        seed: decides every random choice.
        jobs: worker processes; changes the speed only.
    """

    folds: int = 5
    repeats: int = 3
    test_size: float = 0.2
    budget: float | None = None
    max_fits: int | None = None
    learners: tuple[str, ...] | None = None
    remedies: tuple[str, ...] | None = None
    arms: Mapping[str, Any] | None = None
    seed: int = 0
    jobs: int | None = None

    def __post_init__(self) -> None:
        """Check every range once."""
        own_arms(self.arms)
        _within("folds", self.folds, 2, 50)
        _within("repeats", self.repeats, 1, 100)
        if not 0 <= self.test_size <= 0.8:
            raise UsageError(f"test size is {self.test_size}, expected a share from 0 to 0.8")
        if self.budget is not None and not 0 < self.budget < 60 * 24 * 30:
            raise UsageError(f"budget is {self.budget} minutes, expected more than 0 and less than a month")
        if self.max_fits is not None:
            _within("max fits", self.max_fits, 1, 10**7)
        if self.budget is not None and self.max_fits is not None:
            raise UsageError(
                "a budget and a number of fits were both given; give one, as the other would not hold"
            )
        if self.jobs is not None and self.jobs == 0:
            raise UsageError("jobs is 0, expected a number of processes or -1 for all cores")
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"seed is {self.seed}, expected a whole number from 0 to 2**32 - 1")

    @property
    def workers(self) -> int:
        """Worker processes to start."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if self.jobs is None or self.jobs < 0:
            return cores
        return self.jobs

    def deciding(self) -> dict[str, Any]:
        """The settings a resumed run must share; how fast it goes may differ."""
        settings = asdict(replace(self, arms=None))
        settings.pop("jobs")
        settings["arms"] = describe(self.arms)
        return settings


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UsageError(f"{name} is {value}, expected a whole number from {low} to {high}")
