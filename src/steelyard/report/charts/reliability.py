"""Calibration: observed share of positives against predicted probability, per bin with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from steelyard.report.drawing import Frame, element, picture, tick_texts, ticks
from steelyard.report.facts import sequence
from steelyard.report.figures import real

HEIGHT = 330.0
CROWDED = 0.25


@dataclass(frozen=True)
class Bin:
    """One group of rows with like scores."""

    predicted: float
    observed: float
    low: float
    high: float
    count: float


def bins_of(drawn: Mapping[str, Any]) -> list[Bin]:
    """The filled bins of a calibration fact, by predicted probability."""
    columns = [sequence(drawn, name) for name in ("predicted", "observed", "low", "high", "count")]
    found = []
    for cells in zip(*columns, strict=False):
        predicted, observed, low, high, count = map(real, cells)
        if predicted is not None and observed is not None:
            ends = (observed if low is None else low, observed if high is None else high)
            found.append(Bin(predicted, observed, *ends, count or 0.0))
    return sorted(found, key=lambda one: one.predicted)


def limits(*curves: list[Bin]) -> tuple[float, bool]:
    """The end of both axes, and whether points crowd so near zero that square-root axes help."""
    values = sorted(v for bins in curves for one in bins for v in (one.predicted, one.high))
    if not values:
        return 1.0, False
    top = min(1.0, values[-1] * 1.04) or 1.0
    return top, values[len(values) // 2] < CROWDED * top


def reliability(name: str, title: str, bins: list[Bin], *, top: float, crowded: bool, kind: str) -> Markup:
    """One panel; several panels share `top` and `crowded` so that they compare."""
    bend = math.sqrt if crowded else float
    frame = Frame.of((0, top), (0, top), height=HEIGHT, bend_x=bend, bend_y=bend)
    steps = _ticks(frame, top, crowded=crowded)
    note = " (square-root axes)" if crowded else ""
    marks = [
        frame.axes(f"predicted probability{note}", "observed share", steps, steps),
        element("path", d=frame.line([(0, 0), (top, top)]), class_="reference"),
        element(
            "path", d=frame.line([(one.predicted, one.observed) for one in bins]), class_=f"thread {kind}"
        ),
    ]
    for one in bins:
        x = frame.x(one.predicted)
        marks.append(
            element("line", x1=x, x2=x, y1=frame.y(one.low), y2=frame.y(one.high), class_=f"interval {kind}")
        )
        marks.append(element("circle", cx=x, cy=frame.y(one.observed), r=4.5, class_=f"point {kind}"))
    said = f"{len(bins)} bins with 95% intervals; on the diagonal, probabilities mean what they say."
    return picture(
        name, title, f"Observed share against predicted probability. {said}", *marks, height=HEIGHT
    )


def _ticks(frame: Frame, top: float, *, crowded: bool) -> list[tuple[float, str]]:
    """Even ticks; on square-root axes those that keep a distance, with some near zero."""
    if not crowded:
        values = ticks(0, top, 5)
        return list(zip(values, tick_texts(values), strict=True))
    placed: list[float] = [0.0]
    for share in (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005):
        if share <= top and all(abs(frame.x(share) - frame.x(other)) >= 34 for other in placed):
            placed.append(share)
    return [(value, f"{value:g}") for value in sorted(placed)]
