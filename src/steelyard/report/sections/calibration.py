"""Do probabilities mean what they say: reliability before and after, and the mean per arm."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.in_the_large import InTheLarge
from steelyard.report.charts.reliability import Bin, bins_of, limits, reliability
from steelyard.report.facts import Facts, mapping
from steelyard.report.figures import clipped, count, number, ratio, real
from steelyard.report.sections.race import MOST, arms_of, badges
from steelyard.report.tables import Cell, Column, Row, Table, figure, plain_table, text

HEAD = ["predicted", "observed", "from", "to", "rows"]


def calibration(facts: Facts) -> dict[str, Any] | None:
    """Both panels with their figures, and the table of arms."""
    binary = mapping(facts["test"], "binary")
    after = bins_of(mapping(binary, "calibration"))
    before = bins_of(mapping(binary, "calibration_raw"))
    arms = _in_the_large(facts)
    panels = _panels(before, after)
    if not panels and arms is None:
        return None
    return {"panels": panels, "arms": arms, "method": clipped(facts["chosen"].get("calibration") or "", 60)}


def _panels(before: list[Bin], after: list[Bin]) -> list[dict[str, Any]]:
    top, crowded = limits(before, after)
    kinds = [
        ("before", "Before: raw probabilities", before),
        ("after", "After: prior undone, calibrated", after),
    ]
    return [
        {
            "title": title,
            "chart": reliability(
                f"chart-calibration-{kind}", title, bins, top=top, crowded=crowded, kind=kind
            ),
            "table": plain_table(title, HEAD, [_line(one) for one in bins]),
        }
        for kind, title, bins in kinds
        if bins
    ]


def _line(one: Bin) -> list[str]:
    return [number(one.predicted), number(one.observed), number(one.low), number(one.high), count(one.count)]


def _in_the_large(facts: Facts) -> Table | None:
    known = [
        (arm, real(arm.get("prior_before")), real(arm.get("prior_after"))) for arm in arms_of(facts)[:MOST]
    ]
    known = [one for one in known if one[1] is not None or one[2] is not None]
    if not known:
        return None
    scale = InTheLarge.of(value for _, *both in known for value in both)
    lines = [
        Row(
            [
                text(arm.get("arm"), badges=badges(arm)),
                Cell(scale.strip(clipped(arm.get("arm", ""), 120), before, after), before),
                figure(ratio(before), before),
                figure(ratio(after), after),
            ],
            "chosen" if arm.get("chosen") else "",
        )
        for arm, before, after in known
    ]
    head = [
        Column("arm"),
        Column("predicted over observed", "strip", scale.axis()),
        Column("before", "number"),
        Column("after", "number"),
    ]
    caption = "Mean predicted probability over observed share, before and after; 1 is right"
    return Table(caption, head, lines, wide=True, kind="large")
