"""What was chosen, and what the sealed test part says about it."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.span import span, span_axis
from steelyard.report.facts import Facts, mapping
from steelyard.report.figures import clipped, count, interval, number, real, signed
from steelyard.report.glossary import word
from steelyard.report.tables import Cell, Column, Row, Table, figure, text


def final(facts: Facts) -> dict[str, Any] | None:
    """The choice in words and the final metrics beside doing nothing."""
    chosen, test = facts["chosen"], facts["test"]
    metrics = mapping(test, "metrics")
    if not chosen and not metrics:
        return None
    pairs = [
        ("arm", chosen.get("arm")),
        ("learner", chosen.get("learner")),
        ("remedy", chosen.get("remedy")),
        ("calibration", chosen.get("calibration")),
        ("decision rule", chosen.get("rule_text")),
        ("goal", facts["goal"].get("text") or facts["goal"].get("label")),
    ]
    goal = facts["goal"]
    return {
        "pairs": [(name, clipped(value)) for name, value in pairs if value],
        "noun": clipped(facts.get("noun") or "rows", 20),
        "rows": count(test.get("rows")) if real(test.get("rows")) is not None else None,
        "table": _metrics(metrics, goal),
        "losses": _losses(chosen),
    }


def _metrics(metrics: dict[str, Any], goal: dict[str, Any]) -> Table | None:
    lines, asked = [], str(goal.get("name"))
    for name in sorted(metrics, key=lambda name: name != asked):
        one = mapping(metrics, name)
        value, nothing = real(one.get("value")), real(one.get("nothing"))
        gap = value - nothing if value is not None and nothing is not None else None
        label, direction = word(name)
        if name == asked:
            label, direction = clipped(goal.get("label") or label, 80), goal.get("direction") or direction
        better = {"max": "more is better", "min": "less is better"}.get(direction, "")
        lines.append(
            Row(
                [
                    text(label, badges=("goal",) if name == asked else (), note=better),
                    Cell(span(label, value, real(one.get("low")), real(one.get("high")), nothing), value),
                    figure(number(value), value, note=interval(one.get("low"), one.get("high"))),
                    figure(number(nothing), nothing),
                    figure(signed(gap), gap),
                ]
            )
        )
    head = [
        Column("metric"),
        Column("drawn from 0 to 1", "strip", span_axis()),
        Column("final test", "number"),
        Column("doing nothing", "number"),
        Column("difference", "number"),
    ]
    caption = "Figures on the final test part, with 95% bootstrap intervals"
    return Table(caption, head, lines, wide=True, kind="final") if lines else None


def _losses(chosen: dict[str, Any]) -> Table | None:
    losses = mapping(chosen, "calibration_losses")
    lines = [
        Row(
            [
                text(name, badges=("chosen",) if name == chosen.get("calibration") else ()),
                figure(number(loss, 5), loss),
            ]
        )
        for name, loss in losses.items()
    ]
    head = [Column("calibration"), Column("log loss out of fold", "number")]
    return Table("Calibrations tried (less is better)", head, lines) if lines else None
