"""What the data's shape says before any model: findings, measures, and the level without skill."""

from __future__ import annotations

from typing import Any

from steelyard.report.facts import Facts, mapping, rows, sequence
from steelyard.report.figures import clipped, general, number
from steelyard.report.glossary import word
from steelyard.report.tables import Column, Row, Table, figure, text

LEVELS = {"suspect": 0, "warning": 1, "info": 2}
MOST_FINDINGS = 100
MOST_CHIPS = 12
MOST_ERRORS = 30
LONGEST = 1200


def findings(facts: Facts) -> dict[str, Any] | None:
    """Findings, the gravest first."""
    found = sorted(rows(facts, "findings"), key=lambda one: LEVELS.get(str(one.get("level")), 2))
    if not found:
        return None
    cards = []
    for one in found[:MOST_FINDINGS]:
        columns = [clipped(name, 60) for name in sequence(one, "columns")]
        cards.append(
            {
                "level": one.get("level") if one.get("level") in LEVELS else "info",
                "title": clipped(one.get("title") or one.get("kind") or "finding"),
                "message": clipped(one.get("message") or "", LONGEST),
                "advice": clipped(one.get("advice") or "", LONGEST),
                "columns": columns[:MOST_CHIPS],
                "more": max(0, len(columns) - MOST_CHIPS),
            }
        )
    return {"cards": cards, "more": max(0, len(found) - MOST_FINDINGS)}


def diagnosis(facts: Facts, *, unfolded: bool = False) -> dict[str, Any] | None:
    """Sentences and a table a probe, and the no-skill level of every metric; `unfolded` opens the tables."""
    known = facts["diagnosis"]
    parts = [_part(part) for part in rows(known, "sections")]
    level = _no_skill(rows(known, "no_skill"))
    contradicted = _label_errors(rows(known, "label_errors"), [str(label) for label in facts["classes"]])
    shows = {
        "verdict": clipped(known.get("verdict") or "", LONGEST),
        "parts": parts,
        "no_skill": level,
        "label_errors": contradicted,
    }
    return {**shows, "unfolded": unfolded} if any(shows.values()) else None


def _part(part: dict[str, Any]) -> dict[str, Any]:
    title = clipped(part.get("title") or "Measures")
    lines = [
        Row(
            [
                text(row.get("name")),
                figure("" if row.get("value") is None else general(row["value"]), row.get("value")),
                text(row.get("text") or ""),
            ]
        )
        for row in rows(part, "rows")
    ]
    head = [Column("measure"), Column("value", "number"), Column("what it says")]
    measures = Table(title, head, lines, kind="measures") if lines else None
    return {"title": title, "text": clipped(part.get("text") or "", LONGEST), "table": measures}


def _no_skill(known: list[dict[str, Any]]) -> Table | None:
    lines = [
        Row([text(word(str(row.get("metric"))).label), figure(number(row.get("value")), row.get("value"))])
        for row in known
    ]
    head = [Column("metric"), Column("without skill", "number")]
    return Table("No-skill level", head, lines, kind="measures") if lines else None


def _label_errors(known: list[dict[str, Any]], labels: list[str]) -> Table | None:
    """Rows whose label the others contradict, the surest first; classes come as positions."""

    def named(position: Any) -> str:
        fits = isinstance(position, int) and 0 <= position < len(labels)
        return labels[position] if fits else str(position)

    lines = [
        Row(
            [
                figure(general(row.get("row")), row.get("row")),
                text(named(row.get("given"))),
                text(named(row.get("suggested"))),
                figure(number(row.get("margin")), row.get("margin")),
            ]
        )
        for row in known[:MOST_ERRORS]
    ]
    head = [
        Column("row", "number"),
        Column("label given"),
        Column("label the others suggest"),
        Column("margin", "number"),
    ]
    return Table("Labels to look at, the surest first", head, lines, wide=True) if lines else None


def names(facts: Facts) -> list[str]:
    """The metrics the diagnosis mentions."""
    return [str(row.get("metric")) for row in rows(mapping(facts, "diagnosis"), "no_skill")]
