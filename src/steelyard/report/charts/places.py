"""A value with its interval, one row each, on a common axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from steelyard.report.drawing import WIDTH, Scale, element, picture
from steelyard.report.figures import clipped, interval, number

LEFT, TOP, HIGH = 128.0, 26.0, 21.0


@dataclass(frozen=True)
class Place:
    """Where something stands: its value between two bounds."""

    name: str
    value: float
    low: float
    high: float


def places(name: str, title: str, rows: Sequence[Place], *, worst: int, axis: str) -> Markup:
    """The chart of mean ranks from 1 to `worst`.

    Args:
        name: unique on the page.
        title: what it shows.
        rows: in the order shown.
        worst: the largest rank there is.
        axis: title of the axis.
    """
    scale = Scale(1.0, float(max(worst, 2)), LEFT, WIDTH - 12)
    bottom = TOP + HIGH * len(rows)
    marks = [element("text", axis, x=2, y=12, class_="axis")]
    every = max(1, worst // 8)
    for rank in range(1, worst + 1, every):
        x = scale(rank)
        marks.append(element("line", x1=x, x2=x, y1=TOP - 4, y2=bottom, class_="grid"))
        marks.append(element("text", str(rank), x=x, y=TOP - 8, class_="tick middle"))
    for i, row in enumerate(rows):
        y = TOP + HIGH * (i + 0.5)
        said = f"{row.name}: {number(row.value, 2)} ({interval(row.low, row.high, 2)})"
        ends = {"x1": scale(row.low), "x2": scale(row.high)}
        marks += [
            element("text", clipped(row.name, 20), element("title", row.name), x=2, y=y + 4, class_="tick"),
            element("line", **ends, y1=y, y2=y, class_="interval"),
            element(
                "circle", element("title", said), cx=scale(row.value), cy=y, r=4.5, class_="point better"
            ),
        ]
    said = ", ".join(f"{clipped(row.name, 60)} {number(row.value, 2)}" for row in rows)
    return picture(name, title, f"{axis}: {said}.", *marks, height=bottom + 6)
