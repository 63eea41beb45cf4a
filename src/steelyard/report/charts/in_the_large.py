"""Calibration in the large per arm: mean predicted over observed, raw and after undo and calibration."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from steelyard.report.drawing import Scale, across, element, strip
from steelyard.report.figures import ratio

FINE = (0.9, 1.1)
MARKS = (0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000)


@dataclass(frozen=True)
class InTheLarge:
    """A log scale that all arms share; the band from 0.9 to 1.1 counts as right."""

    x: Scale

    @classmethod
    def of(cls, values: Iterable[float | None]) -> InTheLarge:
        """Fit the scale to all values, at least from one half to two."""
        known = [min(max(value, 0.001), 1000.0) for value in values if value is not None]
        return cls(Scale(min([0.5, *known]) / 1.15, max([2.0, *known]) * 1.15, 3, 97, math.log))

    def strip(self, arm: str, before: float | None, after: float | None) -> Markup:
        """Two points joined: hollow orange before, full blue after."""
        low, high = (self.x(limit) for limit in FINE)
        marks = [
            element("rect", x=across(low), width=across(high - low), y=0, height="100%", class_="band"),
            element("line", x1=across(self.x(1)), x2=across(self.x(1)), y1=0, y2="100%", class_="zero"),
        ]
        if before is not None and after is not None:
            x1, x2 = across(self._at(before)), across(self._at(after))
            marks.append(element("line", x1=x1, x2=x2, y1="50%", y2="50%", class_="interval open"))
        if before is not None:
            marks.append(element("circle", cx=across(self._at(before)), cy="50%", r=6, class_="point before"))
        if after is not None:
            marks.append(element("circle", cx=across(self._at(after)), cy="50%", r=4.5, class_="point after"))
        return strip(f"{arm}: {ratio(before)} before, {ratio(after)} after", *marks)

    def axis(self) -> Markup:
        """Tick labels that keep a distance from each other, one always among them."""
        placed: list[float] = []
        marks = []
        for value in sorted(MARKS, key=lambda mark: abs(math.log(mark))):
            if self.x.holds(value) and all(abs(self.x(value) - x) >= 11 for x in placed):
                placed.append(self.x(value))
                marks.append(element("text", f"{value:g}×", x=across(placed[-1]), y=14, class_="tick middle"))
        return element("svg", *marks, width="100%", height=20, class_="strip-axis", aria_hidden="true")

    def _at(self, value: float) -> float:
        return self.x(max(value, 1e-12))
