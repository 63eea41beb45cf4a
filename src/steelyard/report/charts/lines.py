"""Lines with their bands on two axes, each named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from markupsafe import Markup

from steelyard.report.charts.scatter import linear, room
from steelyard.report.drawing import Frame, element, label, picture
from steelyard.report.figures import clipped

KINDS = ("model", "rare", "third")
APART = 13.0
"""Between the baselines of two names."""
MARGIN = 0.8
"""Of the lines' width, kept free at the right for names beside them."""


@dataclass(frozen=True)
class Line:
    """A line through (x, y), with the band (low, high) around it where that is known.

    Its `kind` is one of `KINDS` or "other"; by default lines take the kinds in turn.
    """

    name: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float]] = ()
    kind: str = ""


def line_chart(
    name: str, title: str, lines: Sequence[Line], *, x_title: str, y_title: str, beside: bool = False
) -> Markup:
    """The chart of up to three lines, or of more that say their kinds.

    Args:
        name: unique on the page.
        title: what it shows.
        lines: each with at least one point, x ascending.
        x_title, y_title: of the axes.
        beside: put the names right of the lines, where many end close to each other.
    """
    lines = [replace(line, kind=line.kind or kind) for line, kind in zip(lines, cycle(KINDS), strict=False)]
    heights = [y for line in lines for _, y in line.points]
    heights += [y for line in lines for ends in line.band for y in ends]
    widths = [x for line in lines for x, _ in line.points]
    x, y = (min(widths), max(widths)), room(heights)
    frame = Frame.of((x[0], x[1] + MARGIN * (x[1] - x[0])) if beside else x, y)
    marks = [frame.axes(x_title, y_title, linear(*x), linear(*y))]
    if y[0] < 0 < y[1]:
        level = frame.y(0)
        marks.append(element("line", x1=frame.x.start, x2=frame.x.end, y1=level, y2=level, class_="zero"))
    for line in lines:
        marks += _drawn(frame, line)
    marks += _beside(frame, lines) if beside else _named(frame, lines)
    said = ", ".join(clipped(line.name, 60) for line in lines)
    return picture(name, title, f"{y_title} against {x_title}: {said}.", *marks)


def _drawn(frame: Frame, line: Line) -> list[Markup]:
    marks, kind = [], line.kind
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
    ends = [(*line.points[-1], line.kind, line.name) for line in lines]
    for x, y, kind, name in sorted(ends, key=lambda end: -end[1]):
        last = max(frame.y(y) - 6, last + APART)
        marks.append(label(clipped(name, 24), frame.x(x), last, room=frame.x, gap=2, class_=f"label {kind}"))
    return marks


def _beside(frame: Frame, lines: Sequence[Line]) -> list[Markup]:
    """Names right of the lines' ends, from the top down, all within the frame."""
    order = sorted(lines, key=lambda line: -line.points[-1][1])
    places, last = [], float("-inf")
    for line in order:
        last = max(frame.y(line.points[-1][1]) + 4, last + APART)
        places.append(last)
    over = max(0.0, last - frame.y.start + 2)
    return [
        element(
            "text",
            clipped(line.name, 22),
            x=frame.x(line.points[-1][0]) + 6,
            y=place - over,
            class_=f"label {line.kind}",
        )
        for line, place in zip(order, places, strict=True)
    ]
