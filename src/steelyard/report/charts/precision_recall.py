"""Precision against recall over all cuts, with the chosen point and the no-skill level."""

from __future__ import annotations

from markupsafe import Markup

from steelyard.report.curve import Curve
from steelyard.report.drawing import Frame, element, label, picture, shares
from steelyard.report.figures import number, percent


def precision_recall(curve: Curve, choice: tuple[float, float] | None) -> Markup:
    """The chart; `choice` holds the chosen rule's true and false positives."""
    frame = Frame.of((0, 1), (0, 1))
    reached = [(r, p) for r, p in zip(curve.recall, curve.precision, strict=True) if p is not None]
    level = frame.y(curve.prevalence)
    marks = [
        frame.axes("recall", "precision", shares(), shares()),
        element("line", x1=frame.x.start, x2=frame.x.end, y1=level, y2=level, class_="reference"),
        element(
            "text",
            f"no skill {percent(curve.prevalence)}",
            x=frame.x.start + 6,
            y=level - 6 if level > 60 else level + 16,
            class_="label muted",
        ),
        element("path", d=frame.line([(0, reached[0][1]), *reached], steps=True), class_="curve model"),
        element("circle", id="live-pr", class_="live", r=7, cx=-20, cy=-20, data_box=frame.box),
    ]
    said = "no point was chosen"
    if choice and sum(choice) > 0:
        recall, precision = choice[0] / curve.positives, choice[0] / sum(choice)
        said = f"chosen point at recall {number(recall, 2)}, precision {number(precision, 2)}"
        x, y = frame.x(recall), frame.y(precision)
        marks.append(element("circle", cx=x, cy=y, r=5, class_="point chosen"))
        marks.append(label("chosen", x, max(y - 9, frame.y.end + 10), room=frame.x, class_="label strong"))
    return picture(
        "chart-pr", "Precision and recall", f"Precision against recall at every threshold; {said}.", *marks
    )
