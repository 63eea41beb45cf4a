"""The critical-difference diagram: mean ranks on a line, bars over arms that cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from steelyard.report.drawing import WIDTH, Scale, element, picture
from steelyard.report.figures import clipped, number

AXIS, FIRST, STEP, BAR = 34.0, 30.0, 17.0, 7.0
MARGIN = 124.0
"""Room for the names at both sides."""


def critical_difference(
    ranks: Mapping[str, float], difference: float, groups: Sequence[Sequence[str]]
) -> Markup:
    """The chart.

    Args:
        ranks: mean rank by arm, 1 is best.
        difference: how far two mean ranks must lie apart to count as different.
        groups: arms that lie within one difference.
    """
    ordered = sorted(ranks.items(), key=lambda pair: pair[1])
    highest = max(len(ordered), ordered[-1][1])
    scale = Scale(1.0, highest, MARGIN, WIDTH - MARGIN)
    bars = BAR * len(groups) + 8
    half = (len(ordered) + 1) // 2
    marks = [*_axis(scale, len(ordered)), *_difference(scale, difference)]
    for i, group in enumerate(groups):
        y = AXIS + 9 + BAR * i
        ends = [ranks[arm] for arm in group]
        x1, x2 = scale(min(ends)) - 3, scale(max(ends)) + 3
        marks.append(element("line", x1=x1, x2=x2, y1=y, y2=y, class_="interval"))
    for place, (arm, rank) in enumerate(ordered):
        left = place < half
        row = place if left else len(ordered) - 1 - place
        y = AXIS + bars + FIRST / 2 + STEP * row
        marks += _arm(arm, rank, scale, y, left=left)
    return picture(
        "chart-critical",
        "Mean ranks and the critical difference",
        f"{len(ordered)} arms by mean rank, best first: "
        + ", ".join(f"{clipped(arm, 60)} {number(rank, 2)}" for arm, rank in ordered)
        + f"; two arms differ when their ranks lie more than {number(difference, 2)} apart.",
        *marks,
        height=AXIS + bars + FIRST / 2 + STEP * half + 4,
    )


def _axis(scale: Scale, arms: int) -> list[Markup]:
    marks = [element("line", x1=scale.start, x2=scale.end, y1=AXIS, y2=AXIS, class_="axis-line")]
    every = max(1, arms // 5)
    for rank in range(1, arms + 1, every):
        x = scale(rank)
        marks.append(element("line", x1=x, x2=x, y1=AXIS - 5, y2=AXIS, class_="axis-line"))
        marks.append(element("text", str(rank), x=x, y=AXIS - 9, class_="tick middle"))
    return marks


def _difference(scale: Scale, difference: float) -> list[Markup]:
    """The length of one critical difference, from rank 1."""
    x1, x2 = scale(1), scale(min(1 + difference, scale.high))
    return [
        element("line", x1=x1, x2=x2, y1=6, y2=6, class_="reference"),
        element("text", f"critical difference {number(difference, 2)}", x=x2 + 5, y=10, class_="tick"),
    ]


def _arm(arm: str, rank: float, scale: Scale, y: float, *, left: bool) -> list[Markup]:
    x, end = scale(rank), scale.start - 6 if left else scale.end + 6
    path = f"M{x:.1f} {AXIS:.1f}V{y:.1f}H{end:.1f}"
    text = element("title", f"{arm}: mean rank {number(rank, 2)}")
    side = "tick end" if left else "tick"
    place = end - 4 if left else end + 4
    return [
        element("path", text, d=path, class_="axis-line"),
        element("text", clipped(arm, 15), element("title", arm), x=place, y=y + 4, class_=side),
    ]
