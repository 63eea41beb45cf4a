"""The few pieces every chart is drawn from: escaped elements, scales with ticks, a frame with two axes.

Charts take their colours from CSS classes, so one drawing serves light, dark and paper. Framed charts are
drawn 360 units wide, about a phone's width, so that their text is never scaled below reading size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WIDTH = 360.0
HEIGHT = 270.0


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """One element; text and attribute values are escaped, None leaves an attribute out.

    A trailing underscore is dropped and others become hyphens: `class_`, `stroke_width`.

    >>> element("text", "a < b", x=1.5, class_="tick")
    Markup('<text x="1.5" class="tick">a &lt; b</text>')
    """
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inner = "".join(escape(child) for child in children)
    return Markup(f"<{tag}{pairs}>{inner}</{tag}>")  # noqa: S704 - whatever a user wrote is escaped above


def picture(
    name: str,
    title: str,
    description: str,
    *children: Markup,
    width: float = WIDTH,
    height: float = HEIGHT,
    natural: bool = False,
) -> Markup:
    """A whole chart; it scales with its column unless `natural`. `name` must be unique on the page."""
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *children,
        id=name,
        role="img",
        viewBox=f"0 0 {plain(width)} {plain(height)}",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        class_="chart natural" if natural else "chart",
        width=width if natural else None,
        height=height if natural else None,
    )


def strip(label: str, *children: Markup, height: float = 26, class_: str = "strip") -> Markup:
    """A chart of one table row: as wide as its cell, x in percent of it, y in pixels."""
    return element(
        "svg", element("title", label), *children, role="img", width="100%", height=height, class_=class_
    )


@dataclass(frozen=True)
class Scale:
    """A monotone map from data `low..high` to drawing `start..end`, straightened by `bend`."""

    low: float
    high: float
    start: float
    end: float
    bend: Callable[[float], float] = float

    def __call__(self, value: float) -> float:
        """The drawing coordinate; values beyond the ends stay at the ends."""
        low, high = self.bend(self.low), self.bend(self.high)
        share = (self.bend(min(max(value, self.low), self.high)) - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether the value lies within the ends."""
        return self.low <= value <= self.high


def logit(share: float) -> float:
    """Log-odds: spreads small and large probabilities alike."""
    return math.log(share / (1 - share))


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values inside `low..high`, about `wanted` of them.

    >>> ticks(0, 1), ticks(-0.03, 0.021, 3)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [-0.02, 0.0, 0.02])
    """
    if not high > low:
        return [low]
    rough = (high - low) / wanted
    unit: float = 10.0 ** math.floor(math.log10(rough))
    step = min((factor * unit for factor in (1, 2, 2.5, 5, 10)), key=lambda s: abs(s - rough))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) + 0.0 for i in range(first, last + 1)]


def tick_texts(values: Sequence[float]) -> list[str]:
    """Tick labels with just the decimals that tell neighbours apart.

    >>> tick_texts([0.0, 0.25, 0.5]), tick_texts([0.0, 20.0])
    (['0', '0.25', '0.50'], ['0', '20'])
    """
    steps = [abs(b - a) for a, b in pairwise(values)]
    step = min(steps) if steps else abs(values[0]) or 1.0
    digits = 0
    while digits < 6 and abs(round(step, digits) - step) > 1e-9 * step:
        digits += 1
    return ["0" if value == 0 else f"{value:,.{digits}f}".replace("-", "−") for value in values]


@dataclass(frozen=True)
class Frame:
    """A plot area with labelled axes; y grows upwards."""

    x: Scale
    y: Scale

    @classmethod
    def of(
        cls,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        height: float = HEIGHT,
        bend_x: Callable[[float], float] = float,
        bend_y: Callable[[float], float] = float,
    ) -> Frame:
        """The frame all 360-unit charts share."""
        return cls(Scale(*x, 48, WIDTH - 14, bend_x), Scale(*y, height - 42, 22, bend_y))

    @property
    def box(self) -> str:
        """left, top, right, bottom: what the page's script needs to move a point in here."""
        return " ".join(plain(v) for v in (self.x.start, self.y.end, self.x.end, self.y.start))

    def axes(
        self,
        x_title: str,
        y_title: str,
        x_ticks: Iterable[tuple[float, str]],
        y_ticks: Iterable[tuple[float, str]],
    ) -> Markup:
        """Grid, tick labels and axis titles; the y title stands above the axis, where it reads flat."""
        left, right, top, bottom = self.x.start, self.x.end, self.y.end, self.y.start
        parts = [element("text", y_title, x=2, y=top - 10, class_="axis"), *self.levels(y_ticks)]
        for value, text in x_ticks:
            x = self.x(value)
            parts.append(element("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="axis-line"))
            parts.append(element("text", text, x=x, y=bottom + 17, class_="tick middle"))
        parts.append(element("line", x1=left, x2=right, y1=bottom, y2=bottom, class_="axis-line"))
        parts.append(element("text", x_title, x=(left + right) / 2, y=bottom + 35, class_="axis middle"))
        return element("g", *parts, aria_hidden="true")

    def levels(self, y_ticks: Iterable[tuple[float, str]]) -> list[Markup]:
        """Horizontal grid lines with their labels."""
        parts = []
        for value, text in y_ticks:
            y = self.y(value)
            parts.append(element("line", x1=self.x.start, x2=self.x.end, y1=y, y2=y, class_="grid"))
            parts.append(element("text", text, x=self.x.start - 6, y=y + 4, class_="tick end"))
        return parts

    def line(self, points: Iterable[tuple[float, float]], *, steps: bool = False) -> str:
        """Path data through the points; `steps` goes down or up first, then across."""
        return path_of([(self.x(x), self.y(y)) for x, y in points], steps=steps)


def shares(values: Sequence[float] = (0, 0.2, 0.4, 0.6, 0.8, 1)) -> list[tuple[float, str]]:
    """Ticks of an axis from 0 to 1."""
    return [(value, f"{value:g}") for value in values]


def path_of(points: Sequence[tuple[float, float]], *, steps: bool = False) -> str:
    """Path data in tenths of a unit; points that fall on the last one are left out.

    >>> path_of([(0, 0), (0.01, 0), (2, 3)]), path_of([(0, 0), (2, 3)], steps=True)
    ('M0 0L2 3', 'M0 0V3H2')
    """
    data, last = "", ("", "")
    for x, y in points:
        here = (plain(round(x, 1)), plain(round(y, 1)))
        if not data:
            data = f"M{here[0]} {here[1]}"
        elif here != last:
            across = f"H{here[0]}" if here[0] != last[0] else ""
            down = f"V{here[1]}" if here[1] != last[1] else ""
            data += down + across if steps else f"L{here[0]} {here[1]}"
        last = here
    return data


def label(text: str, x: float, y: float, *, room: Scale, class_: str = "label", gap: float = 9) -> Markup:
    """A direct label beside a point, on the side where there is room."""
    left = leftwards(x, room)
    return element(
        "text", text, x=x - gap if left else x + gap, y=y, class_=f"{class_} end" if left else class_
    )


def leftwards(x: float, room: Scale) -> bool:
    """Whether a label runs to the left of its point, for want of room on the right."""
    return x > room.start + 0.75 * (room.end - room.start)


def plain(value: float) -> str:
    """A coordinate without needless digits.

    >>> plain(12.0), plain(1.23456)
    ('12', '1.23')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def across(value: float) -> str:
    """A percentage coordinate of a strip."""
    return f"{plain(value)}%"


def _attribute(value: object) -> object:
    return plain(value) if isinstance(value, float) else value
