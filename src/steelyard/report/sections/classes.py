"""Each class on its own, and which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from steelyard.report.charts.confusion import MOST, heat_map
from steelyard.report.charts.dot import Dots
from steelyard.report.facts import Facts, mapping, rows, sequence
from steelyard.report.figures import clipped, count, number, percent, real
from steelyard.report.tables import Cell, Column, Row, Table, figure, plain_table, text

MOST_CLASSES = 200
NARROW = 9
MOST_MISTAKES = 15


def classes(facts: Facts) -> dict[str, Any] | None:
    """The per-class table and, for more than two classes, the confusion heat map."""
    known = rows(facts["test"], "per_class")
    labels, matrix = _matrix(facts["test"])
    many = len(labels) > 2
    if not known and not many:
        return None
    noun = clipped(facts.get("noun") or "rows", 20)
    return {
        "table": _per_class(known, noun) if known else None,
        "chart": heat_map(labels, matrix) if many and len(labels) <= MOST else Markup(),
        "figures": _figures(labels, matrix) if many and len(labels) <= MOST else None,
        "mistakes": _mistakes(labels, matrix, noun) if many else None,
        "wide": len(labels) > NARROW,
        "crowd": len(labels) if len(labels) > MOST else 0,
    }


def _matrix(test: dict[str, Any]) -> tuple[list[str], list[list[float]]]:
    confusion = mapping(test, "confusion")
    labels = [clipped(label, 60) for label in sequence(confusion, "labels")]
    matrix = [[real(value) or 0.0 for value in row] for row in sequence(confusion, "matrix")]
    square = len(matrix) == len(labels) and all(len(row) == len(labels) for row in matrix)
    return (labels, matrix) if square else ([], [])


def _per_class(known: list[dict[str, Any]], noun: str) -> Table:
    known = sorted(known, key=lambda one: -(real(one.get("rows")) or 0))[:MOST_CLASSES]
    dots = Dots.of([real(one.get("recall")) for one in known])
    lines = [
        Row(
            [
                text(one.get("label")),
                figure(count(one.get("rows")), one.get("rows")),
                Cell(
                    dots.strip(f"recall of class {clipped(one.get('label'), 60)}", real(one.get("recall"))),
                    real(one.get("recall")),
                ),
                *(
                    figure(number(one.get(name)), one.get(name))
                    for name in ("recall", "precision", "f1", "average_precision")
                ),
            ]
        )
        for one in known
    ]
    head = [
        Column("class"),
        Column(f"test {noun}", "number"),
        Column("share found", "strip", dots.axis()),
        Column("recall", "number"),
        Column("precision", "number"),
        Column("F1", "number"),
        Column("average precision", "number"),
    ]
    return Table(
        "Each class of the final test part, commonest first", head, lines, wide=True, kind="per-class"
    )


def _figures(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> Table:
    lines = [[label, *map(count, row)] for label, row in zip(labels, matrix, strict=True)]
    return plain_table("Rows by true class (down) and decision (across)", ["true class", *labels], lines)


def _mistakes(labels: Sequence[str], matrix: Sequence[Sequence[float]], noun: str) -> Table | None:
    """The commonest confusions, which also serve where the map is too large to draw."""
    pairs = [
        (value, sum(row), labels[i], labels[j])
        for i, row in enumerate(matrix)
        for j, value in enumerate(row)
        if i != j and value > 0
    ]
    lines = [
        Row(
            [
                text(true),
                text(decided),
                figure(count(value), value),
                figure(percent(value / total), value / total),
            ]
        )
        for value, total, true, decided in sorted(pairs, reverse=True)[:MOST_MISTAKES]
    ]
    head = [
        Column("true class"),
        Column("decided as"),
        Column(noun, "number"),
        Column("share of the class", "number"),
    ]
    return Table("The commonest confusions", head, lines, wide=True) if lines else None
