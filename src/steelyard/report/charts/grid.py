"""Data sets × arms as a heat map of gains: blue is better than the control, orange worse."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

from markupsafe import Markup

from steelyard.report.drawing import element, picture
from steelyard.report.figures import clipped, general, signed
from steelyard.report.palette import HEAT

LEFT, TOP, WIDE, HIGH = 150.0, 92.0, 30.0, 19.0


def gain_grid(sets: Sequence[str], arms: Sequence[str], gains: Sequence[Sequence[float | None]]) -> Markup:
    """The chart; the strongest tint is the gain that nine of ten cells do not reach."""
    sizes = sorted(abs(gain) for row in gains for gain in row if gain is not None)
    full = quantiles(sizes, n=10)[-1] if len(sizes) > 1 else 0.0
    marks = []
    for j, arm in enumerate(arms):
        x = LEFT + (j + 0.5) * WIDE
        place = f"rotate(-50 {x:.1f} {TOP - 6:.1f})"
        text = element("text", clipped(arm, 17), element("title", arm), x=x, y=TOP - 6, transform=place)
        marks.append(text)
    for i, name in enumerate(sets):
        y = TOP + (i + 0.5) * HIGH + 4
        text = element("text", clipped(name, 22), element("title", name), x=LEFT - 8, y=y, class_="tick end")
        marks.append(text)
        for j, gain in enumerate(gains[i]):
            marks.append(_cell(name, arms[j], gain, full or 1.0, LEFT + j * WIDE, TOP + i * HIGH))
    return picture(
        "chart-grid",
        "Gain by data set and arm",
        f"{len(sets)} data sets by rows, {len(arms)} arms by columns; the full tint is a gain of {general(full)}.",
        *marks,
        width=LEFT + len(arms) * WIDE + 60,
        height=TOP + len(sets) * HIGH + 4,
        natural=True,
    )


def _cell(name: str, arm: str, gain: float | None, full: float, x: float, y: float) -> Markup:
    said = f"{arm} on {name}: {'no result' if gain is None else signed(gain, 4)}"
    share = 0.0 if gain is None else min(1.0, abs(gain) / full)
    return element(
        "rect",
        element("title", said),
        x=x + 0.5,
        y=y + 0.5,
        width=WIDE - 1,
        height=HIGH - 1,
        fill_opacity=2 * HEAT * share,
        class_="cell hit" if (gain or 0) >= 0 else "cell miss",
    )
