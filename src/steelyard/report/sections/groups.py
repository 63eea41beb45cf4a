"""Whether the figures hold for every group, and where the model is weakest."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.dot import Dots
from steelyard.report.facts import Facts, mapping, rows
from steelyard.report.figures import clipped, count, number, real
from steelyard.report.glossary import word
from steelyard.report.tables import Cell, Column, Row, Table, figure, text

MOST = 60
FEW = 20


def groups(facts: Facts) -> dict[str, Any] | None:
    """One table a grouping column."""
    known = rows(facts, "groups")
    columns = dict.fromkeys(str(row.get("column")) for row in known)
    tables = [
        _group_table(column, [row for row in known if str(row.get("column")) == column]) for column in columns
    ]
    return {"tables": tables, "few": FEW} if tables else None


def slices(facts: Facts) -> dict[str, Any] | None:
    """The slices where the model does worse than on all rows."""
    known = rows(facts, "slices")[:MOST]
    if not known:
        return None
    two = len(facts["classes"]) <= 2
    lines = []
    for row in known:
        value, overall = real(row.get("value")), real(row.get("overall"))
        alike = [real(one.get("value")) for one in known if one.get("metric") == row.get("metric")]
        dots = Dots.of(alike, reference=overall, least=0.0)
        lines.append(
            Row(
                [
                    text(row.get("text"), badges=_care(row) if two else ()),
                    figure(count(row.get("rows")), row.get("rows")),
                    *([figure(count(row.get("positives")), row.get("positives"))] if two else []),
                    text(word(str(row.get("metric"))).label),
                    Cell(dots.strip(clipped(row.get("text") or "slice", 80), value), value),
                    figure(number(value), value),
                    figure(number(overall), overall),
                ]
            )
        )
    head = [
        Column("slice"),
        Column("rows", "number"),
        *([Column("positives", "number")] if two else []),
        Column("metric"),
        Column("here, beside all rows", "strip"),
        Column("here", "number"),
        Column("all rows", "number"),
    ]
    return {"table": Table("Slices of the final test part", head, lines, wide=True), "few": FEW}


def _group_table(column: str, known: list[dict[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for row in known for name in mapping(row, "metrics")))
    dotted = names[0] if names else None
    dots = Dots.of([real(mapping(row, "metrics").get(dotted)) for row in known] if dotted else [])
    shown = sorted(known, key=lambda row: -(real(row.get("rows")) or 0))[:MOST]
    lines = []
    for row in shown:
        metrics = mapping(row, "metrics")
        cells = [
            text(row.get("value"), badges=_care(row)),
            figure(count(row.get("rows")), row.get("rows")),
            figure(count(row.get("positives")), row.get("positives")),
        ]
        if dotted:
            here = real(metrics.get(dotted))
            cells.append(
                Cell(dots.strip(f"{word(dotted).label} of {clipped(row.get('value'), 60)}", here), here)
            )
        cells += [figure(number(metrics.get(name)), metrics.get(name)) for name in names]
        lines.append(Row(cells))
    head = [Column(clipped(column, 60)), Column("rows", "number"), Column("positives", "number")]
    if dotted:
        head.append(Column(f"{word(dotted).label}, drawn", "strip", dots.axis()))
    head += [Column(word(name).label, "number") for name in names]
    left = len(known) - len(shown)
    caption = f"By {clipped(column, 60)}" + (f" (the {MOST} largest; {left} more)" if left else "")
    return Table(caption, head, lines, wide=True, kind="groups")


def _care(row: dict[str, Any]) -> tuple[str, ...]:
    positives = real(row.get("positives"))
    return ("few positives",) if positives is not None and positives < FEW else ()
