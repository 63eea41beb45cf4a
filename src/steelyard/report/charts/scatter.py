"""Points on two axes, with words beside those that matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from steelyard.report.drawing import Frame, element, label, leftwards, picture, tick_texts, ticks
from steelyard.report.figures import clipped, general

LETTER, LINE = 6.0, 11.0
"""About the width of a letter and the height of a line, in the units of a chart."""


@dataclass(frozen=True)
class Point:
    """A point with what it is; `kind` is a CSS class such as "better" or "worse"."""

    x: float
    y: float
    name: str
    kind: str = ""
    shown: bool = False


def scatter(
    name: str,
    title: str,
    points: Sequence[Point],
    *,
    x_title: str,
    y_title: str,
    log_x: bool = True,
    zero: bool = False,
    path: Sequence[Point] = (),
) -> Markup:
    """The chart.

    Args:
        name: unique on the page.
        title: what it shows.
        points: x positive where `log_x`.
        x_title, y_title: of the axes.
        log_x: whether x is on a logarithmic scale.
        zero: draw a line at y = 0.
        path: points to connect, such as those no other point beats.
    """
    bend = math.log10 if log_x else float
    across, y = [p.x for p in points], room([p.y for p in points])
    x = (min(across) / 1.3, max(across) * 1.3) if log_x else room(across)
    frame = Frame.of(x, y, bend_x=bend)
    x_ticks = _decades(*x) if log_x else linear(*x)
    marks = [frame.axes(x_title, y_title, x_ticks, linear(*y))]
    if zero and y[0] < 0 < y[1]:
        level = frame.y(0)
        marks.append(element("line", x1=frame.x.start, x2=frame.x.end, y1=level, y2=level, class_="zero"))
    if len(path) > 1:
        line = frame.line([(p.x, p.y) for p in path])
        marks.append(element("path", d=line, class_="reference"))
    for point in points:
        said = f"{point.name}: {x_title} {general(point.x)}, {y_title} {general(point.y)}"
        dot = element(
            "circle",
            element("title", said),
            cx=frame.x(point.x),
            cy=frame.y(point.y),
            r=4.0,
            class_=f"point {point.kind}".strip(),
        )
        marks.append(dot)
    marks += _labels([p for p in points if p.shown], frame)
    return picture(name, title, f"{len(points)} points: {y_title} against {x_title}.", *marks)


def _labels(points: Sequence[Point], frame: Frame) -> list[Markup]:
    """Names beside their points; one that would lie over an earlier one is left to the point's hint."""
    taken: list[tuple[float, float, float]] = []
    made = []
    for point in points:
        name, x, y = clipped(point.name, 24), frame.x(point.x), frame.y(point.y) - 7
        reach = (9 + LETTER * len(name)) * (-1 if leftwards(x, frame.x) else 1)
        start, end = sorted((x, x + reach))
        if all(end < left or right < start or abs(y - line) > LINE for left, right, line in taken):
            made.append(label(name, x, y, room=frame.x))
            taken.append((start, end, y))
    return made


def room(values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis that leaves a little room around the values.

    >>> room([0.0, 1.0])
    (-0.08, 1.08)
    """
    low, high = min(values), max(values)
    beside = 0.08 * (high - low) or 0.5 * abs(high) or 1.0
    return low - beside, high + beside


def linear(low: float, high: float) -> list[tuple[float, str]]:
    """About five round ticks with their texts."""
    values = ticks(low, high, 5)
    return list(zip(values, tick_texts(values), strict=True))


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    """1, 2 and 5 of every power of ten where there are few, powers alone where there are many.

    >>> [text for _, text in _decades(0.5, 30)]
    ['0.5', '1', '2', '5', '10', '20']
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1, 2, 5) if last - first <= 3 else (1,)
    values = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    return [(value, f"{value:g}") for value in values if low <= value <= high]
