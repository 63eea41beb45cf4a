"""All that is needed to get the same page again."""

from __future__ import annotations

from typing import Any

from steelyard.report.facts import Facts
from steelyard.report.figures import clipped, duration, moment, real


def repeat(facts: Facts) -> dict[str, Any] | None:
    """Command, seed, data digest, versions."""
    pairs = [
        ("seed", facts.get("seed")),
        ("data digest", facts.get("digest")),
        ("made", moment(facts["created"]) if facts.get("created") else None),
        ("took", duration(facts["seconds"]) if real(facts.get("seconds")) is not None else None),
    ]
    versions = [(clipped(name, 60), clipped(version, 60)) for name, version in facts["versions"].items()]
    command = facts.get("command")
    if not (command or versions or any(value is not None for _, value in pairs)):
        return None
    return {
        "command": clipped(command, 4000) if command else None,
        "pairs": [(name, clipped(value)) for name, value in pairs if value is not None],
        "versions": versions[:100],
    }
