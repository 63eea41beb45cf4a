"""Ctrl-C between two steps, never inside one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Interrupt", "gentle_interrupt"]


class Interrupt:
    """Whether Ctrl-C was pressed; a second one stops at once."""

    def __init__(self) -> None:
        self.wanted = False

    def heard(self, *_: Any) -> None:
        """The signal's handler."""
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True


@contextmanager
def gentle_interrupt() -> Iterator[Interrupt]:
    """Ctrl-C only sets a flag; in other threads than the main one nothing changes."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = signal.signal(signal.SIGINT, interrupt.heard)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
