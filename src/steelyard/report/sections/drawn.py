"""Figures a study brings along: lines with bands."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.lines import KINDS, Line, line_chart
from steelyard.report.facts import Facts, rows, sequence
from steelyard.report.figures import clipped, general, real
from steelyard.report.tables import plain_table


def drawn(facts: Facts) -> dict[str, Any] | None:
    """One chart a figure, with its numbers."""
    panels = []
    for j, one in enumerate(rows(facts, "figures")):
        lines = [line for known in rows(one, "lines")[: len(KINDS)] if (line := _line(known)).points]
        if lines:
            title, x, y = (clipped(one.get(name) or "", 80) for name in ("title", "x", "y"))
            chart = line_chart(f"chart-drawn-{j}", title, lines, x_title=x, y_title=y)
            figures = [row for line in lines for row in _figures(line)]
            panels.append((title, chart, plain_table(title, ["line", x, y, "low", "high"], figures)))
    return {"panels": panels} if panels else None


def _figures(line: Line) -> list[list[str]]:
    bands: list[tuple[Any, Any]] = [*line.band] or [(None, None)] * len(line.points)
    rows = zip(line.points, bands, strict=True)
    return [[line.name, *map(general, point), *map(general, band)] for point, band in rows]


def _line(known: dict[str, Any]) -> Line:
    """Points are [x, y] or [x, y, low, high]; those with an unknown number are left out."""
    points = [list(map(real, point)) for point in sequence(known, "points")]
    whole = [point for point in points if len(point) in (2, 4) and None not in point]
    banded = all(len(point) == 4 for point in whole)
    return Line(
        str(known.get("name") or ""),
        [(p[0], p[1]) for p in whole],  # type: ignore[misc]  # no None is left
        [(p[2], p[3]) for p in whole] if banded else (),  # type: ignore[misc]  # likewise
    )
