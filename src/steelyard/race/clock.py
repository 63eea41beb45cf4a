"""Wall-clock budget, and guesses of what a fit will take."""

from __future__ import annotations

import time

import numpy as np

from steelyard.race.arms import Arm

__all__ = ["Clock", "Forecast"]

FACTOR = {"nothing": 1.0, "weights": 1.1, "resampler": 1.6, "ensemble": 2.0, "averaging": 5.0}


class Clock:
    """Time used since the start of the run, resumed runs included."""

    def __init__(self, minutes: float | None, *, used: float = 0.0) -> None:
        self.seconds = None if minutes is None else 60 * minutes
        self._start = time.monotonic() - used

    @property
    def used(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._start

    def left(self, reserve: float = 0.0) -> float:
        """Seconds left after a reserve; infinite without a budget."""
        return float("inf") if self.seconds is None else self.seconds - self.used - reserve


class Forecast:
    """What one fit of an arm will take, learned from the fits seen so far."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[float, int]]] = {}

    def learn(self, arm: Arm, seconds: float, rows: int) -> None:
        """Remember one fit."""
        self._seen.setdefault(arm.key, []).append((seconds, max(rows, 1)))

    def seconds(self, arm: Arm, rows: int) -> float:
        """The expected time of one fit; unknown arms are judged by doing nothing with the same learner."""
        own = self._seen.get(arm.key)
        if own:
            return float(np.mean([seconds * rows / seen for seconds, seen in own]))
        name = arm.learner.name if arm.learner else None
        alike = [
            seconds * rows / seen
            for key, fits in self._seen.items()
            for seconds, seen in fits
            if key.startswith("nothing.") and (name is None or key == f"nothing.{name}")
        ]
        return FACTOR.get(arm.remedy.kind, 1.0) * float(np.mean(alike)) if alike else 0.0
