"""The race as a forest plot: per arm, the gain over doing nothing with its interval, on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from markupsafe import Markup

from steelyard.report.drawing import Scale, across, element, strip, tick_texts, ticks
from steelyard.report.figures import interval, real, signed

EDGE = 3.0


@dataclass(frozen=True)
class Forest:
    """The shared scale of all strips; arms far outside it are drawn as an arrow at the edge."""

    x: Scale
    digits: int

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], *, digits: int = 3) -> Forest:
        """Fit the scale to the bulk of the arms, always with zero inside; gains are better above zero."""
        spans = [span for row in rows if (span := _span(row)) is not None]
        low, high = _bulk(spans)
        room = 0.06 * (high - low) or 1.0
        return cls(Scale(low - room, high + room, EDGE, 100 - EDGE), digits)

    def strip(self, row: Mapping[str, Any]) -> Markup:
        """One arm's interval and point."""
        span = _span(row)
        if span is None:
            return Markup()
        low, middle, high = span
        kind = _kind(row)
        marks = [*self._grid(), *self._interval(low, high, kind)]
        if self.x.holds(middle):
            marks.append(_point(across(self.x(middle)), kind))
        text = f"{row.get('arm', '')}: {signed(middle, self.digits)}"
        limits = interval(row.get("difference_low"), row.get("difference_high"), self.digits, sign=True)
        return strip(f"{text}, interval {limits}" if limits else text, *marks)

    def axis(self) -> Markup:
        """Tick labels and the direction of "better", for the head and foot of the column."""
        values = ticks(self.x.low, self.x.high, 4)
        zero = self.x(0)
        marks = [
            element(
                "text",
                text if value <= 0 else f"+{text}",
                x=across(self.x(value)),
                y=30,
                class_="tick middle",
            )
            for value, text in zip(values, tick_texts(values), strict=True)
        ]
        marks.append(element("text", "← worse", x=across(zero), dx=-8, y=12, class_="axis end"))
        marks.append(element("text", "better →", x=across(zero), dx=8, y=12, class_="axis"))
        marks.append(element("line", x1=across(zero), x2=across(zero), y1=2, y2=17, class_="zero"))
        return element("svg", *marks, width="100%", height=36, class_="strip-axis", aria_hidden="true")

    def _grid(self) -> list[Markup]:
        return [
            element(
                "line",
                x1=across(self.x(value)),
                x2=across(self.x(value)),
                y1=0,
                y2="100%",
                class_="grid" if value else "zero",
            )
            for value in ticks(self.x.low, self.x.high, 4)
        ]

    def _interval(self, low: float, high: float, kind: str) -> list[Markup]:
        x1, x2 = across(self.x(low)), across(self.x(high))
        marks = [element("line", x1=x1, x2=x2, y1="50%", y2="50%", class_=f"interval {kind}")]
        if low < self.x.low:
            marks.append(_arrow(across(self.x.start), -1, kind))
        if high > self.x.high:
            marks.append(_arrow(across(self.x.end), 1, kind))
        return marks


def side(row: Mapping[str, Any]) -> str:
    """Where an arm's whole interval lies: "better", "worse", or "open" when it holds zero."""
    low, high = real(row.get("difference_low")), real(row.get("difference_high"))
    if low is None or high is None or low <= 0 <= high:
        return "open"
    return "better" if low > 0 else "worse"


def _kind(row: Mapping[str, Any]) -> str:
    """CSS classes of an arm's marks."""
    stopped = " stopped" if row.get("status") == "stopped" else ""
    return side(row) + stopped + (" control" if row.get("control") else "")


def _point(x: str, kind: str) -> Markup:
    if "control" not in kind:
        return element("circle", cx=x, cy="50%", r=5, class_=f"point {kind}")
    square = element("rect", x=-4.5, y=-4.5, width=9, height=9, class_=f"point {kind}")
    return element("svg", square, x=x, y="50%", width=1, height=1, overflow="visible")


def _arrow(x: str, side: int, kind: str) -> Markup:
    tip = element("path", d=f"M{-5 * side} -5L{4 * side} 0L{-5 * side} 5Z", class_=f"arrow {kind}")
    return element("svg", tip, x=x, y="50%", width=1, height=1, overflow="visible")


def _span(row: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """low, middle, high; a missing end falls on the middle."""
    middle = real(row.get("difference"))
    if middle is None:
        return None
    low, high = real(row.get("difference_low")), real(row.get("difference_high"))
    return (middle if low is None else low, middle, middle if high is None else high)


def _bulk(spans: list[tuple[float, float, float]]) -> tuple[float, float]:
    """The range of the intervals whose middle lies within three quartile distances of the quartiles."""
    if not spans:
        return -1.0, 1.0
    middles = [middle for _, middle, _ in spans]
    lower, upper = min(middles), max(middles)
    if len(middles) >= 4:
        first, _, third = quantiles(middles, n=4, method="inclusive")
        lower, upper = first - 3 * (third - first), third + 3 * (third - first)
    inside = [span for span in spans if lower <= span[1] <= upper] or spans
    return min(0.0, *(low for low, _, _ in inside)), max(0.0, *(high for _, _, high in inside))
