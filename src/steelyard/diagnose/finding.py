"""One thing noticed about a table, in words a reader can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Finding", "Level"]

Level = Literal["info", "warning", "suspect"]

_ORDER: dict[str, int] = {"suspect": 0, "warning": 1, "info": 2}
_DROPPABLE = ("identifier", "leak")


@dataclass(frozen=True)
class Finding:
    """Something worth knowing before learning from a table.

    Attributes:
        kind: what was looked for, such as "leak", "identifier", "duplicates" or "missing".
        level: "info" is good to know, "warning" asks for a decision, "suspect" names columns that probably
            must not be learned from.
        title: a few words.
        message: one or two sentences with the figures.
        advice: what to do about it.
        columns: the columns concerned, worst first.

    >>> Finding("constant", "info", "1 constant column", "'a' holds one value.", "Drop it.", ("a",)).droppable
    False
    """

    kind: str
    level: Level
    title: str
    message: str
    advice: str
    columns: tuple[str, ...] = ()

    @property
    def droppable(self) -> bool:
        """Whether a caller may leave the columns out: only identifiers and leaks are."""
        return self.level == "suspect" and self.kind in _DROPPABLE

    def to_json(self) -> dict[str, Any]:
        """The plain form that reports keep."""
        return {
            "kind": self.kind,
            "level": self.level,
            "title": self.title,
            "message": self.message,
            "advice": self.advice,
            "columns": list(self.columns),
        }


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Suspects, then warnings, then notes; within a level in the order they were found."""
    return sorted(findings, key=lambda finding: _ORDER[finding.level])
