"""Loops compiled to machine code by numba: at the first call on a machine, which takes seconds, then kept on disk.

numba compiles anew when the file of a loop has changed. Of parts that stand in other files it does not know: after a
change to `splitting` alone delete what is kept, `*.nbi` in `__pycache__` (`make clean` does), or the old loops run on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__: list[str] = []

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile `loop`; it lets other threads run, and divides as numpy does."""
    try:
        made: Any = njit(cache=True, nogil=True, error_model="numpy")(loop)
    except RuntimeError:  # no folder to keep it in: every process compiles anew
        made = njit(nogil=True, error_model="numpy")(loop)
    return cast(Loop, made)


def inlined(loop: Loop) -> Loop:
    """A part of a compiled loop, put in place of every call."""
    made: Any = njit(inline="always", error_model="numpy")(loop)
    return cast(Loop, made)
