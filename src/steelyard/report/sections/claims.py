"""What a publication claims, and what came out here."""

from __future__ import annotations

from typing import Any

from steelyard.report.facts import Facts, rows
from steelyard.report.figures import general, interval, number, signed
from steelyard.report.tables import Cell, Column, Row, Table, text


def claims(facts: Facts) -> dict[str, Any] | None:
    """One row a claim."""
    found = rows(facts, "claims")
    if not found:
        return None
    columns = [
        Column("claim"),
        Column("answer"),
        Column("metric"),
        Column("arm", "number"),
        Column("against", "number"),
        Column("gain", "number"),
        Column("over"),
    ]
    lines = [
        Row(
            [
                text(one["says"]),
                Cell("", str(one["answer"]), (str(one["answer"]),)),
                text(one["metric"]),
                Cell(number(one.get("arm"), 4)),
                Cell(number(one.get("beats"), 4)),
                Cell(
                    signed(one.get("gain"), 4),
                    None,
                    (),
                    interval(one.get("low"), one.get("high"), 4, sign=True),
                ),
                text(f"{general(one.get('units'))} {one.get('unit')}s"),
            ]
        )
        for one in found
    ]
    table = Table(
        "Claims and what came out; gains are better above zero", columns, lines, wide=True, kind="claims"
    )
    return {"table": table, "notes": [str(note) for note in facts.get("notes") or ()]}
