"""Two charts over the threshold: precision, recall and F1; and the cost per 1000 rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from steelyard.report.curve import Curve
from steelyard.report.drawing import Frame, element, logit, picture, shares, tick_texts, ticks
from steelyard.report.figures import general, number

NEAREST = 1e-3
MARKS = (
    0.5,
    0.1,
    0.9,
    0.01,
    0.99,
    0.001,
    0.999,
    0.25,
    0.75,
    0.03,
    0.05,
    0.97,
    0.003,
    0.0003,
    0.0001,
    0.00001,
)
TOP = 1.6


@dataclass(frozen=True)
class Cuts:
    """A curve on a log-odds threshold axis, which spreads small and large probabilities alike."""

    curve: Curve
    span: tuple[float, float]

    @classmethod
    def of(cls, curve: Curve) -> Cuts:
        """Fit the axis to the thresholds, down to a fiftieth of the rarer class's share and no further."""
        least, most = min(NEAREST, curve.prevalence / 50), 1 - min(NEAREST, (1 - curve.prevalence) / 50)
        inside = [t for t in curve.thresholds if t is not None and least <= t <= most]
        low, high = min(inside, default=0.01), max(inside, default=0.99)
        return cls(curve, (low, high) if logit(high) - logit(low) > 0.1 else (low / 2, (1 + high) / 2))

    def frame(self, top: float = 1.0) -> Frame:
        """A frame with this axis below."""
        return Frame.of(self.span, (0, top), bend_x=logit)

    @property
    def x(self) -> list[float]:
        """Each cut's place on the axis."""
        scale = self.frame().x
        return [scale.end if t is None else round(scale(t), 1) for t in self.curve.thresholds]

    def qualities(self) -> Markup:
        """Precision, recall and F1 at every threshold."""
        frame, curve = self.frame(), self.curve
        lines: list[tuple[str, Sequence[float | None], str]] = [
            ("precision", curve.precision, "curve model"),
            ("recall", curve.recall, "curve rare"),
            ("F1", curve.f1, "curve third"),
        ]
        marks = [frame.axes("threshold (log-odds axis)", "", self._ticks(), shares())]
        at = 48.0
        for name, values, kind in lines:
            marks.append(element("line", x1=at, x2=at + 22, y1=9, y2=9, class_=kind))
            marks.append(element("text", name, x=at + 27, y=13, class_="axis"))
            marks.append(element("path", d=self._path(frame, values), class_=kind, id=f"line-{name.lower()}"))
            at += 44 + 7 * len(name)
        marks.append(self._cursor(frame, "cursor-quality"))
        return picture(
            "chart-quality",
            "Precision, recall and F1 by threshold",
            f"Three curves over the threshold; {self._said()}.",
            *marks,
        )

    def costs(self, false_alarm: float, miss: float) -> Markup:
        """Cost per 1000 rows at every threshold, with the best cost without any model."""
        values = self.curve.costs(false_alarm, miss)
        idle = min(values[0], values[-1])
        top = self.top(values)
        frame = self.frame(top)
        steps = ticks(0, top, 5)
        level = frame.y(idle)
        marks = [
            frame.axes("threshold (log-odds axis)", "cost per 1000 rows", self._ticks(), ()),
            element("g", *frame.levels(zip(steps, tick_texts(steps), strict=True)), id="cost-levels",
                    aria_hidden="true"),
            element("line", x1=frame.x.start, x2=frame.x.end, y1=level, y2=level, class_="reference", id="cost-idle"),
            element("text", "best without a model", x=frame.x.end, y=level - 6, class_="label muted end",
                    id="cost-idle-label"),
            element("clipPath", element("rect", x=frame.x.start, y=frame.y.end, width=frame.x.end - frame.x.start,
                                        height=frame.y.start - frame.y.end), id="cost-clip"),
            element("path", d=self._path(frame, values), class_="curve model", id="line-cost",
                    clip_path="url(#cost-clip)"),
            self._cursor(frame, "cursor-cost"),
        ]  # fmt: skip
        return picture(
            "chart-cost",
            "Cost by threshold",
            f"Cost per 1000 rows over the threshold; {self._said()}, cost {general(values[self.curve.start])}.",
            *marks,
        )

    def top(self, values: Sequence[float]) -> float:
        """Where the cost axis ends: the curve may leave it, its low part is what matters."""
        idle = min(values[0], values[-1])
        return TOP * max(idle, values[self.curve.start], min(values)) or 1.0

    def _path(self, frame: Frame, values: Sequence[float | None]) -> str:
        known = [(x, v) for x, v in zip(self.x, values, strict=True) if v is not None]
        scale = (frame.y.start - frame.y.end) / (frame.y.high or 1.0)
        lowest = frame.y.end - 2 * (frame.y.start - frame.y.end)
        points = [(x, max(frame.y.start - v * scale, lowest)) for x, v in known]
        return _joined(points)

    def _ticks(self) -> list[tuple[float, str]]:
        scale = self.frame().x
        placed: list[tuple[float, str]] = []
        for value in (*MARKS, *ticks(*self.span, 3)):
            clear = all(abs(scale(value) - scale(other)) >= 42 for other, _ in placed)
            if scale.holds(value) and clear:
                placed.append((value, general(value)))
        return placed

    def _cursor(self, frame: Frame, name: str) -> Markup:
        x = self.x[self.curve.start]
        return element("line", x1=x, x2=x, y1=frame.y.end, y2=frame.y.start, class_="cursor", id=name)

    def _said(self) -> str:
        threshold = self.curve.thresholds[self.curve.start]
        return "nothing is flagged" if threshold is None else f"marked at threshold {number(threshold, 4)}"


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
