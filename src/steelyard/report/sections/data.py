"""What was read: rows, split, classes, columns."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.bar import bar
from steelyard.report.facts import Facts, mapping, rows, sequence
from steelyard.report.figures import clipped, count, percent, real
from steelyard.report.tables import Cell, Column, Row, Table, figure, text

MOST_COLUMNS = 150
MOST_CLASSES = 60


def data(facts: Facts) -> dict[str, Any] | None:
    """Key facts, class counts and the list of columns."""
    known = facts["data"]
    if not known:
        return None
    columns = rows(known, "columns")
    return {
        "pairs": _pairs(known, facts),
        "classes": _classes(facts),
        "columns": _columns(columns) if columns else None,
        "more": max(0, len(columns) - MOST_COLUMNS),
    }


def _pairs(known: dict[str, Any], facts: Facts) -> list[tuple[str, str]]:
    noun = clipped(facts.get("noun") or "rows", 20)
    chosen_by = f"{count(known['validation_rows'])} to choose by, " if known.get("validation_rows") else ""
    parts = f"{count(known.get('train_rows'))} to learn from, {chosen_by}{count(known.get('test_rows'))} set aside"
    named = [
        ("source", known.get("source")),
        (noun, f"{count(known['rows'])}: {parts}" if real(known.get("rows")) is not None else None),
        ("size", known.get("size")),
        ("cut to", known.get("imbalance")),
        ("target", known.get("target")),
        ("positive class", facts.get("positive")),
        ("parts" if "size" in known else "final test part", known.get("split")),
        ("groups", known.get("group")),
        ("time", known.get("time")),
        ("weights", known.get("weight")),
        ("dropped columns", ", ".join(clipped(name, 60) for name in sequence(known, "dropped")) or None),
    ]
    return [(name, clipped(value)) for name, value in named if value is not None]


def _classes(facts: Facts) -> Table | None:
    counts = mapping(facts["data"], "counts")
    train, test = mapping(counts, "train"), mapping(counts, "test")
    labels = sorted({**train, **test}, key=lambda label: -(real(train.get(label)) or 0))
    total = sum(real(value) or 0 for value in train.values())
    if not labels or total <= 0:
        return None
    lines = []
    left = len(labels) - MOST_CLASSES
    half = MOST_CLASSES // 2
    for label in [*labels[:half], *labels[-half:]] if left > 0 else labels:
        share = (real(train.get(label)) or 0) / total
        kind = "positive" if label == facts.get("positive") else ""
        lines.append(
            Row(
                [
                    text(label, badges=("positive",) if kind else ()),
                    Cell(bar(clipped(label, 60), share, kind=kind), share),
                    figure(percent(share), share),
                    figure(count(train.get(label)), train.get(label)),
                    figure(count(test.get(label)), test.get(label)),
                ]
            )
        )
    noun = clipped(facts.get("noun") or "rows", 20)
    caption = f"{noun.capitalize()} per class" + (
        f" (the {half} commonest and the {half} rarest of {len(labels)})" if left > 0 else ""
    )
    head = [
        Column("class"),
        Column(f"share of training {noun}", "strip"),
        Column("share", "number"),
        Column(f"training {noun}", "number"),
        Column(f"test {noun}", "number"),
    ]
    return Table(caption, head, lines, kind="classes", wide=True)


def _columns(columns: list[dict[str, Any]]) -> Table:
    lines = [
        Row(
            [
                text(column.get("name")),
                text(column.get("role")),
                figure(percent(column.get("missing")), column.get("missing")),
                figure(count(column.get("distinct")), column.get("distinct")),
            ]
        )
        for column in columns[:MOST_COLUMNS]
    ]
    head = [
        Column("column"),
        Column("kind"),
        Column("missing", "number"),
        Column("distinct values", "number"),
    ]
    return Table("Columns", head, lines, wide=True)
