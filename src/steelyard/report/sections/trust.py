"""Whether each class's probability means what it says."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.in_the_large import InTheLarge
from steelyard.report.facts import Facts, rows
from steelyard.report.figures import clipped, number, percent, ratio, real
from steelyard.report.tables import Cell, Column, Row, Table, figure, text


def trust(facts: Facts) -> dict[str, Any] | None:
    """One row a class: expected over observed, calibration error, confidence beside precision."""
    known = rows(facts, "class_calibration")
    if not known:
        return None
    scale = InTheLarge.of(real(one.get(name)) for one in known for name in ("ratio", "ratio_nothing"))
    lines = [
        Row(
            [
                text(one.get("label")),
                Cell(
                    scale.strip(
                        clipped(one.get("label", ""), 60),
                        real(one.get("ratio_nothing")),
                        real(one.get("ratio")),
                    ),
                    real(one.get("ratio")),
                ),
                figure(
                    ratio(one.get("ratio")),
                    one.get("ratio"),
                    note=f"doing nothing {ratio(one.get('ratio_nothing'))}",
                ),
                figure(
                    number(one.get("error")),
                    one.get("error"),
                    note=f"doing nothing {number(one.get('error_nothing'))}",
                ),
                figure(percent(one.get("confidence")), one.get("confidence")),
                figure(percent(one.get("precision")), one.get("precision")),
            ]
        )
        for one in known
    ]
    head = [
        Column("class"),
        Column("predicted over observed", "strip", scale.axis()),
        Column("predicted over observed", "number"),
        Column("calibration error", "number"),
        Column("confidence", "number"),
        Column("precision", "number"),
    ]
    return {
        "table": Table(
            "Calibration of every class on the final test part", head, lines, wide=True, kind="large"
        )
    }
