"""Whole numbers among the options, checked in one place."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import UsageError

__all__: list[str] = []


def whole(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """`value` as an integer of at least `least` and at most `most`, or a UsageError that says so."""
    good = not isinstance(value, bool) and isinstance(value, int | np.integer) and value >= least
    if not good or (most is not None and value > most):
        limit = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise UsageError(f"{name}={value!r} came, expected a whole number {limit}")
    return int(value)
