"""The confusion matrix of many classes as a heat map: each row shows where one true class ends up."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from steelyard.report.drawing import element, picture
from steelyard.report.figures import clipped, count, percent
from steelyard.report.palette import HEAT

LEFT = 96.0
TOP = 84.0
RIGHT = 44.0
FULL = 360.0
SMALLEST = 24.0
MOST = 40


def heat_map(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> Markup:
    """The chart; tint and figures are shares of the true class's rows."""
    cell = max(SMALLEST, (FULL - LEFT - RIGHT) / max(len(labels), 1))
    side = cell * len(labels)
    marks = [
        element("text", "true class ↓   decision →", x=0, y=12, class_="axis"),
        *(_column_label(text, LEFT + (i + 0.5) * cell) for i, text in enumerate(labels)),
    ]
    for i, (text, row) in enumerate(zip(labels, matrix, strict=True)):
        y = TOP + (i + 0.5) * cell + 4
        marks.append(element("text", clipped(text, 14), x=LEFT - 8, y=y, class_="tick end"))
        total = sum(row)
        for j, value in enumerate(row):
            marks.append(_cell(labels, i, j, value, total, cell))
    return picture(
        "chart-confusion",
        "Confusion matrix",
        f"{len(labels)} true classes by rows, decisions by columns; darker means a larger share of the row.",
        *marks,
        width=LEFT + side + RIGHT,
        height=TOP + side + 2,
        natural=cell == SMALLEST,
    )


def _cell(labels: Sequence[str], i: int, j: int, value: float, total: float, cell: float) -> Markup:
    share = value / total if total > 0 else 0.0
    x, y = LEFT + j * cell, TOP + i * cell
    hint = f"{labels[i]} decided as {labels[j]}: {count(value)} rows, {percent(share)}"
    marks = [
        element("title", hint),
        element(
            "rect",
            x=x + 0.5,
            y=y + 0.5,
            width=cell - 1,
            height=cell - 1,
            fill_opacity=HEAT * share,
            class_="cell hit" if i == j else "cell miss",
        ),
    ]
    if share >= 0.005 and cell >= SMALLEST:
        text = f"{100 * share:.0f}"
        marks.append(element("text", text, x=x + cell / 2, y=y + cell / 2 + 4, class_="cell-text middle"))
    return element("g", *marks)


def _column_label(text: str, x: float) -> Markup:
    place = f"rotate(-50 {x:.1f} {TOP - 6:.1f})"
    return element("text", clipped(text, 12), x=x, y=TOP - 6, transform=place, class_="tick")
