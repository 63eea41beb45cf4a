"""Lines with their bands on two axes, each named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from steelyard.report.charts.scatter import linear, room
from steelyard.report.drawing import Frame, element, label, picture
from steelyard.report.figures import clipped

KINDS = ("model", "rare", "third")
APART = 13.0
"""Between the baselines of two names."""


@dataclass(frozen=True)
class Line:
    """A line through (x, y), with the band (low, high) around it where that is known."""

    name: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float]] = ()


def line_chart(name: str, title: str, lines: Sequence[Line], *, x_title: str, y_title: str) -> Markup:
    """The chart of up to three lines.

    Args:
        name: unique on the page.
        title: what it shows.
        lines: each with at least one point, x ascending.
        x_title, y_title: of the axes.
    """
    heights = [y for line in lines for _, y in line.points]
    heights += [y for line in lines for ends in line.band for y in ends]
    widths = [x for line in lines for x, _ in line.points]
    x, y = (min(widths), max(widths)), room(heights)
    frame = Frame.of(x, y)
    marks = [frame.axes(x_title, y_title, linear(*x), linear(*y))]
    if y[0] < 0 < y[1]:
        level = frame.y(0)
        marks.append(element("line", x1=frame.x.start, x2=frame.x.end, y1=level, y2=level, class_="zero"))
    for kind, line in zip(KINDS, lines, strict=False):
        marks += _drawn(frame, line, kind)
    marks += _named(frame, lines[: len(KINDS)])
    said = ", ".join(clipped(line.name, 60) for line in lines)
    return picture(name, title, f"{y_title} against {x_title}: {said}.", *marks)


def _drawn(frame: Frame, line: Line, kind: str) -> list[Markup]:
    marks = []
    if line.band:
        upper = [(x, high) for (x, _), (_, high) in zip(line.points, line.band, strict=True)]
        lower = [(x, low) for (x, _), (low, _) in zip(line.points, line.band, strict=True)]
        marks.append(element("path", d=frame.line([*upper, *lower[::-1]]) + "Z", class_=f"band {kind}"))
    marks.append(
        element("path", element("title", line.name), d=frame.line(line.points), class_=f"curve {kind}")
    )
    return marks


def _named(frame: Frame, lines: Sequence[Line]) -> list[Markup]:
    """Names where the lines end, one below the other where they end together."""
    marks, last = [], 0.0
    ends = [(*line.points[-1], kind, line.name) for kind, line in zip(KINDS, lines, strict=False)]
    for x, y, kind, name in sorted(ends, key=lambda end: -end[1]):
        last = max(frame.y(y) - 6, last + APART)
        marks.append(label(clipped(name, 24), frame.x(x), last, room=frame.x, gap=2, class_=f"label {kind}"))
    return marks
