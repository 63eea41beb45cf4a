"""A value with its interval in a table cell, beside the same figure of doing nothing, on an axis from 0 to 1."""

from __future__ import annotations

from markupsafe import Markup

from steelyard.report.drawing import Scale, across, element, strip
from steelyard.report.figures import interval, number

UNIT = Scale(0.0, 1.0, 4, 96)


def span(
    label: str, value: float | None, low: float | None, high: float | None, nothing: float | None
) -> Markup:
    """The strip; figures that do not lie between 0 and 1 are left to their numbers."""
    if value is None or not UNIT.holds(value):
        return Markup()
    marks = [
        element("line", x1=across(UNIT(step)), x2=across(UNIT(step)), y1=0, y2="100%", class_="grid")
        for step in (0, 0.5, 1)
    ]
    text = f"{label}: {number(value)}"
    if low is not None and high is not None:
        x1, x2 = across(UNIT(low)), across(UNIT(high))
        marks.append(element("line", x1=x1, x2=x2, y1="50%", y2="50%", class_="interval after"))
        text += f", interval {interval(low, high)}"
    if nothing is not None and UNIT.holds(nothing):
        marks.append(element("circle", cx=across(UNIT(nothing)), cy="50%", r=6, class_="point nothing"))
        text += f", doing nothing {number(nothing)}"
    marks.append(element("circle", cx=across(UNIT(value)), cy="50%", r=4.5, class_="point after"))
    return strip(text, *marks)


def span_axis() -> Markup:
    """Tick labels for the column's head."""
    marks = [
        element("text", f"{step:g}", x=across(UNIT(step)), y=14, class_="tick middle") for step in (0, 0.5, 1)
    ]
    return element("svg", *marks, width="100%", height=20, class_="strip-axis", aria_hidden="true")
