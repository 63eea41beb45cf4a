"""True positive rate against false positive rate over all cuts, with the chosen point."""

from __future__ import annotations

from markupsafe import Markup

from steelyard.report.curve import Curve
from steelyard.report.drawing import Frame, element, label, picture, shares
from steelyard.report.figures import number


def roc(curve: Curve, choice: tuple[float, float] | None) -> Markup:
    """The chart; `choice` holds the chosen rule's true and false positives."""
    frame = Frame.of((0, 1), (0, 1))
    points = list(zip(curve.false_alarm_rate, curve.recall, strict=True))
    marks = [
        frame.axes("false positive rate", "true positive rate", shares(), shares()),
        element("path", d=frame.line([(0, 0), (1, 1)]), class_="reference"),
        element("text", "no skill", x=frame.x(0.8), y=frame.y(0.8) + 18, class_="label muted"),
        element("path", d=frame.line([(0, 0), *points, (1, 1)]), class_="curve model"),
        element("circle", id="live-roc", class_="live", r=7, cx=-20, cy=-20, data_box=frame.box),
    ]
    said = "no point was chosen"
    if choice:
        across, up = choice[1] / curve.negatives, choice[0] / curve.positives
        said = f"chosen point at false positive rate {number(across)}, true positive rate {number(up, 2)}"
        x, y = frame.x(across), frame.y(up)
        marks.append(element("circle", cx=x, cy=y, r=5, class_="point chosen"))
        marks.append(label("chosen", x, min(y + 16, frame.y.start - 8), room=frame.x, class_="label strong"))
    return picture(
        "chart-roc",
        "ROC curve",
        f"The true against the false positive rate at every threshold; {said}.",
        *marks,
    )
