"""Who is served: common classes or rare ones, and what a remedy changed about it."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.scatter import Point, scatter
from steelyard.report.charts.span import span, span_axis
from steelyard.report.facts import Facts, mapping, rows, sequence
from steelyard.report.figures import clipped, count, interval, number, real, signed
from steelyard.report.tables import Cell, Column, Row, Table, figure, text

GROUPS = {
    "many": "many-shot (over 100)",
    "medium": "medium-shot (20 to 100)",
    "few": "few-shot (under 20)",
}
MOST = 200
NAMED = 8


def frequency(facts: Facts) -> dict[str, Any] | None:
    """Accuracy by group with intervals, and class by class against the training rows."""
    known = mapping(facts, "frequency")
    chosen, nothing = mapping(known, "chosen"), mapping(known, "nothing")
    if not chosen:
        return None
    labels = [clipped(label, 60) for label in sequence(known, "labels")]
    return {
        "groups": _groups(rows(chosen, "groups"), rows(nothing, "groups")),
        "chart": _chart(labels, chosen, nothing),
        "figures": _figures(labels, chosen, nothing),
        "sentence": _sentence(real(chosen.get("correlation")), real(nothing.get("correlation"))),
    }


def _groups(chosen: list[dict[str, Any]], nothing: list[dict[str, Any]]) -> Table | None:
    lines = []
    for one, other in zip(chosen, nothing, strict=False):
        value, before = real(one.get("value")), real(other.get("value"))
        if value is None:
            continue
        name = GROUPS.get(str(one.get("group")), str(one.get("group")))
        gap = None if before is None else value - before
        lines.append(
            Row(
                [
                    text(name, note=_classes(len(sequence(one, "classes")))),
                    Cell(span(name, value, real(one.get("low")), real(one.get("high")), before), value),
                    figure(number(value), value, note=interval(one.get("low"), one.get("high"))),
                    figure(number(before), before),
                    figure(signed(gap), gap),
                    figure(count(one.get("rows")), one.get("rows")),
                ]
            )
        )
    head = [
        Column("classes by training pictures"),
        Column("drawn from 0 to 1", "strip", span_axis()),
        Column("mean recall", "number"),
        Column("doing nothing", "number"),
        Column("difference", "number"),
        Column("test pictures", "number"),
    ]
    return (
        Table("Mean recall of common and rare classes, with 95% intervals", head, lines, wide=True)
        if lines
        else None
    )


def _classes(n: int) -> str:
    return "1 class" if n == 1 else f"{n} classes"


def _chart(labels: list[str], chosen: dict[str, Any], nothing: dict[str, Any]) -> Any:
    """Hollow points are doing nothing, full ones the chosen model."""
    after, before = _points(labels, chosen), _points(labels, nothing)
    if len(after) < 2:
        return ""
    hardest = (
        {name for name, _, _ in sorted(after, key=lambda one: (one[2], -one[1]))[:NAMED]}
        if len(after) > 12
        else set()
    )
    drawn = [Point(x, y, f"{name}, doing nothing", "nothing") for name, x, y in before]
    drawn += [Point(x, y, name, "chosen", not hardest or name in hardest) for name, x, y in after]
    return scatter(
        "chart-frequency",
        "Recall against training pictures",
        drawn,
        x_title="training pictures",
        y_title="recall",
    )


def _points(labels: list[str], made: dict[str, Any]) -> list[tuple[str, float, float]]:
    counts, recalls = map(real, sequence(made, "counts")), map(real, sequence(made, "recall"))
    return [
        (label, n, recall)
        for label, n, recall in zip(labels, counts, recalls, strict=False)
        if n and recall is not None
    ]


def _figures(labels: list[str], chosen: dict[str, Any], nothing: dict[str, Any]) -> Table:
    columns = (
        labels,
        *(sequence(chosen, name) for name in ("counts", "rows", "recall", "low", "high")),
        sequence(nothing, "recall"),
    )
    found = sorted(zip(*columns, strict=False), key=lambda one: -(real(one[1]) or 0))[:MOST]
    lines = [
        Row(
            [
                text(label),
                figure(count(n), n),
                figure(number(recall), recall, note=interval(low, high)),
                figure(number(before), before),
                figure(count(tested), tested),
            ]
        )
        for label, n, tested, recall, low, high, before in found
    ]
    head = [
        Column("class"),
        Column("training pictures", "number"),
        Column("recall", "number"),
        Column("doing nothing", "number"),
        Column("test pictures", "number"),
    ]
    return Table("Recall of every class, commonest first", head, lines, wide=True)


def _sentence(after: float | None, before: float | None) -> str:
    if after is None:
        return ""
    was = "" if before is None else f" (doing nothing {number(before, 2)})"
    return (
        f"Rank correlation of training pictures and recall: {number(after, 2)}{was}; 1 means that commoner classes are "
        "always found more often, 0 that frequency does not matter."
    )
