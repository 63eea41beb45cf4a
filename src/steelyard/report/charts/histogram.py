"""Where each class's scores lie: one small histogram a class, on the same axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from steelyard.report.drawing import Frame, element, picture, tick_texts, ticks
from steelyard.report.facts import sequence
from steelyard.report.figures import real

HEIGHT = 170.0


@dataclass(frozen=True)
class Histogram:
    """Counts per bin of both classes."""

    edges: list[float]
    positive: list[float]
    negative: list[float]

    @classmethod
    def of(cls, drawn: Mapping[str, Any]) -> Histogram | None:
        """The histogram fact, or None when it is missing or does not fit together."""
        edges, positive, negative = (
            [real(value) or 0.0 for value in sequence(drawn, name)]
            for name in ("edges", "positive", "negative")
        )
        fits = len(edges) == len(positive) + 1 == len(negative) + 1 and len(edges) > 1
        return cls(edges, positive, negative) if fits and edges[-1] > edges[0] else None

    def panel(self, kind: str, title: str, *, threshold: float | None, log: bool) -> Markup:
        """One class; bars are shares of the class's rows, so both panels read on one axis."""
        counts = self.positive if kind == "positive" else self.negative
        frame = self._frame(log=log)
        steps = _log_ticks(frame) if log else _even_ticks(frame)
        across = ticks(self.edges[0], self.edges[-1], 5)
        marks = [
            frame.axes(
                "predicted probability",
                f"share of the class's rows{' (log)' if log else ''}",
                zip(across, tick_texts(across), strict=True),
                steps,
            ),
            *self._bars(frame, _shares(counts), kind),
        ]
        if threshold is not None and frame.x.holds(threshold):
            x = frame.x(threshold)
            marks.append(element("line", x1=x, x2=x, y1=frame.y.end, y2=frame.y.start, class_="cursor"))
        name = f"chart-histogram-{kind}-{'log' if log else 'linear'}"
        said = f"Histogram of predicted probabilities over {len(counts)} bins."
        return picture(name, title, said, *marks, height=HEIGHT)

    def _frame(self, *, log: bool) -> Frame:
        filled = [share for share in (*_shares(self.positive), *_shares(self.negative)) if share > 0] or [1.0]
        span = (self.edges[0], self.edges[-1])
        if not log:
            return Frame.of(span, (0, max(filled) * 1.05), height=HEIGHT)
        low = 10 ** math.floor(math.log10(min(filled)) - 1e-9)
        return Frame.of(span, (low, 1), height=HEIGHT, bend_y=math.log10)

    def _bars(self, frame: Frame, heights: Sequence[float], kind: str) -> list[Markup]:
        bars = []
        for left, right, share in zip(self.edges, self.edges[1:], heights, strict=False):
            if share > 0:
                x, y = frame.x(left), frame.y(share)
                wide, tall = max(frame.x(right) - x - 0.8, 0.6), max(frame.y.start - y, 0.6)
                bars.append(
                    element(
                        "rect", x=x, y=frame.y.start - tall, width=wide, height=tall, class_=f"bar {kind}"
                    )
                )
        return bars


def _shares(counts: Sequence[float]) -> list[float]:
    total = sum(counts)
    return [value / total if total > 0 else 0.0 for value in counts]


def _even_ticks(frame: Frame) -> list[tuple[float, str]]:
    values = ticks(0, frame.y.high, 3)
    texts = tick_texts([100 * value for value in values])
    return [(value, f"{text}%") for value, text in zip(values, texts, strict=True)]


def _log_ticks(frame: Frame) -> list[tuple[float, str]]:
    powers = range(round(math.log10(frame.y.low)), 1)
    return [(10.0**power, f"{100 * 10.0**power:g}%") for power in powers]
