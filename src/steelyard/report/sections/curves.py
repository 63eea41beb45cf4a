"""How training went: loss and balanced accuracy by epoch."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from steelyard.report.charts.lines import Line, line_chart
from steelyard.report.facts import Facts, rows, sequence
from steelyard.report.figures import clipped, count, number, real
from steelyard.report.tables import Table, plain_table

PANELS = (
    ("validation_balanced_accuracy", "Balanced accuracy on the validation part", "balanced accuracy"),
    ("loss", "Loss in training", "training loss"),
    ("validation_loss", "Log loss on the validation part", "log loss"),
)
MOST_EPOCHS = 60


def curves(facts: Facts) -> dict[str, Any] | None:
    """One panel a figure, one line an arm."""
    known = rows(facts, "curves")
    panels = [
        {"title": title, "chart": chart, "table": _table(title, known, name)}
        for name, title, y_title in PANELS
        if (chart := _panel(facts, known, name, title, y_title))
    ]
    return {"panels": panels} if panels else None


def _panel(facts: Facts, known: list[dict[str, Any]], name: str, title: str, y_title: str) -> Markup:
    drawn = []
    for one in known:
        points = _points(one, name)
        if len(points) > 1:
            drawn.append(Line(clipped(one.get("arm"), 40), points, kind=_kind(facts, one)))
    if not drawn:
        return Markup()
    drawn.sort(key=lambda line: line.kind == "model")  # the chosen one on top
    chart = f"chart-curve-{name.replace('_', '-')}"
    return line_chart(chart, title, drawn, x_title="epoch", y_title=y_title, beside=True)


def _points(one: dict[str, Any], name: str) -> list[tuple[float, float]]:
    pairs = zip(map(real, sequence(one, "epoch")), map(real, sequence(one, name)), strict=False)
    return [(x, y) for x, y in pairs if x is not None and y is not None]


def _kind(facts: Facts, one: dict[str, Any]) -> str:
    if one.get("arm") == facts["chosen"].get("remedy"):
        return "model"
    return "rare" if one.get("name") == "nothing" else "other"


def _table(title: str, known: list[dict[str, Any]], name: str) -> Table:
    """Every epoch, or about sixty of them."""
    epochs = max((len(sequence(one, "epoch")) for one in known), default=0)
    step = -(-epochs // MOST_EPOCHS) or 1
    lines = []
    for i in range(0, epochs, step):
        values = [sequence(one, name) for one in known]
        lines.append([count(i + 1), *(number(v[i]) if i < len(v) else "" for v in values)])
    return plain_table(title, ["epoch", *(clipped(one.get("arm"), 40) for one in known)], lines)
