"""Passes over the rows that say how far they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from steelyard.core import Listener, Meter
from steelyard.resample.streams.rows import Rows, Work

__all__ = ["Passes"]

T = TypeVar("T")


class Passes:
    """Goes over rows and reports pieces done and time left of each pass."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.listener = listener

    def over(self, rows: Rows, work: Work[T], columns: Sequence[str], what: str) -> Iterator[T]:
        """What `work` makes of every piece, in order."""
        meter = Meter(self.listener, what, len(rows))
        for done, result in enumerate(rows.map(work, columns), start=1):
            yield result
            meter(done)
