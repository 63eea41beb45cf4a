"""Passes over the rows that say how far they are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from steelyard.core import Event, Listener
from steelyard.resample.streams.rows import Rows, Work

__all__ = ["Passes"]

T = TypeVar("T")


class Passes:
    """Goes over rows and reports pieces done and time left of each pass."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.listener = listener

    def over(self, rows: Rows, work: Work[T], columns: Sequence[str], what: str) -> Iterator[T]:
        """What `work` makes of every piece, in order."""
        total, started = len(rows), time.monotonic()
        self._tell(Event(what, 0, total))
        for done, result in enumerate(rows.map(work, columns), start=1):
            yield result
            left = (time.monotonic() - started) / done * max(total - done, 0)
            self._tell(Event(what, done, total, seconds_left=left))

    def _tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener(event)
