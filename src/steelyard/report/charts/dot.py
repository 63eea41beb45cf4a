"""A dot in a table cell: one value on a scale that all rows share, beside a reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from steelyard.report.drawing import Scale, across, element, strip, tick_texts, ticks
from steelyard.report.figures import number


@dataclass(frozen=True)
class Dots:
    """The shared scale; from 0 to 1 for shares."""

    x: Scale
    reference: float | None
    reference_name: str

    @classmethod
    def of(
        cls,
        values: Iterable[float | None],
        *,
        reference: float | None = None,
        reference_name: str = "all rows",
        least: float = 1.0,
    ) -> Dots:
        """Fit the scale to values and reference; it reaches at least to `least`."""
        known = [v for v in (*values, reference) if v is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        return cls(Scale(low, max(high, least) or 1.0, 4, 96), reference, reference_name)

    def strip(self, label: str, value: float | None) -> Markup:
        """One row's dot, tied to the reference."""
        if value is None:
            return Markup()
        marks = [element("line", x1="4%", x2="96%", y1="50%", y2="50%", class_="grid")]
        here, text = across(self.x(value)), f"{label}: {number(value)}"
        if self.reference is not None:
            there = across(self.x(self.reference))
            marks.append(element("line", x1=there, x2=there, y1=0, y2="100%", class_="zero"))
            marks.append(element("line", x1=there, x2=here, y1="50%", y2="50%", class_="interval open"))
            text += f" ({self.reference_name} {number(self.reference)})"
        marks.append(element("circle", cx=here, cy="50%", r=5, class_="point chosen"))
        return strip(text, *marks)

    def axis(self) -> Markup:
        """Tick labels for the column's head."""
        values = ticks(self.x.low, self.x.high, 2)
        marks = [
            element("text", text, x=across(self.x(value)), y=14, class_="tick middle")
            for value, text in zip(values, tick_texts(values), strict=True)
        ]
        return element("svg", *marks, width="100%", height=20, class_="strip-axis", aria_hidden="true")
