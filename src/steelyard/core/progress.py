"""How a long run tells where it is: plain events, shown by whoever listens."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

__all__ = ["Event", "Listener", "LiveDisplay", "Log", "Meter"]


@dataclass(frozen=True)
class Event:
    """One step of a run.

    Attributes:
        stage: the heading, such as "Racing".
        done, total: steps of this stage; total 0 means unknown.
        note: what is going on.
        seconds_left: an estimate for the whole stage, or None.
    """

    stage: str
    done: int = 0
    total: int = 0
    note: str = ""
    seconds_left: float | None = None


Listener: TypeAlias = Callable[[Event], None]


class Meter:
    """Tells a listener how far one stage is, with the time left at the pace so far.

    Args:
        listener: whom to tell; None for nobody.
        stage: the heading.
        total: steps of the stage; 0 means unknown.
    """

    def __init__(self, listener: Listener | None, stage: str, total: int = 0) -> None:
        self.listener, self.stage, self.total = listener, stage, total
        self.started = time.monotonic()
        self(0)

    def __call__(self, done: int) -> None:
        """So many steps are done."""
        if self.listener is None:
            return
        spent = time.monotonic() - self.started
        left = spent / done * max(self.total - done, 0) if done and self.total else None
        self.listener(Event(self.stage, done, self.total, seconds_left=left))


class Log:
    """Keeps the notes of a run with their times, for run.log; passes every event on."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.listener = listener
        self.started = time.monotonic()
        self.lines: list[str] = []

    def __call__(self, event: Event) -> None:
        """Record and pass on."""
        if event.note and not event.done:
            self.lines.append(f"{time.monotonic() - self.started:8.1f} s  {event.stage}: {event.note}")
        if self.listener is not None:
            self.listener(event)

    def note(self, stage: str, text: str) -> None:
        """Record a sentence."""
        self(Event(stage, note=text))


class LiveDisplay:
    """Progress with time left: a live bar on a terminal, a line now and then elsewhere."""

    def __init__(self, *, every: float = 10.0, quiet: bool = False) -> None:
        self.every = every
        self.quiet = quiet
        self.interactive = sys.stderr.isatty() and not quiet
        self._last = 0.0
        self._stage = ""
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        """Start the bar when somebody can see it."""
        if self.interactive:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("[bold]{task.description}"),
                BarColumn(bar_width=24),
                TextColumn("{task.completed:.0f}/{task.fields[known]}"),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}", style="cyan"),
                TextColumn("{task.fields[note]}", style="dim", markup=False),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("Starting", total=None, note="", left="", known="?")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self.quiet:
            return
        left = f"{_clock(event.seconds_left)} left" if event.seconds_left is not None else ""
        if self._bar is not None:
            self._bar.update(
                self._task,
                description=event.stage,
                completed=event.done,
                total=event.total or None,
                note=event.note,
                left=left,
                known=event.total or "?",
            )
            return
        now = time.monotonic()
        if event.stage != self._stage or now - self._last > self.every:
            count = f" {event.done}/{event.total}" if event.total else ""
            print(f"{event.stage}{count} {left} {event.note}".rstrip(), file=sys.stderr)  # noqa: T201 - a display
            self._stage, self._last = event.stage, now


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    return f"{minutes}:{rest:02d}"
