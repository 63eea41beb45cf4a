"""The plain form of what probes return: titled sections of named figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

__all__ = ["Figure", "Section"]


@dataclass(frozen=True)
class Figure:
    """One named number and what it says; `value` is None where only the text counts.

    >>> Figure("imbalance ratio", float("inf"), "one class is empty").to_json()["value"] is None
    True
    """

    name: str
    value: float | None
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON knows neither nan nor infinity, so both become null."""
        value = None if self.value is None or not math.isfinite(self.value) else float(self.value)
        return {"name": self.name, "value": value, "text": self.text}


@dataclass(frozen=True)
class Section:
    """The figures of one probe, under a title and one or two sentences."""

    title: str
    text: str
    rows: tuple[Figure, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form that reports keep."""
        return {"title": self.title, "text": self.text, "rows": [row.to_json() for row in self.rows]}
