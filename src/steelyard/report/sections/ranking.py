"""The arms of a study, best first, and which of them can be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.report.charts.critical import critical_difference
from steelyard.report.charts.forest import Forest
from steelyard.report.facts import Facts, mapping, rows, sequence
from steelyard.report.figures import digits_for, duration, interval, number, real, signed
from steelyard.report.tables import Cell, Column, Row, Table, figure, plain_table, text


def ranking(facts: Facts) -> dict[str, Any] | None:
    """The table and the critical-difference diagram."""
    arms = rows(facts, "ranking")
    if not arms:
        return None
    digits = digits_for(_width(arm) for arm in arms)
    control = facts.get("control")
    shown: dict[str, Any] = {
        "table": _table(arms, control, digits),
        "control": control,
        "label": facts["metric"]["label"],
        "critical": None,
    }
    difference = real(facts.get("critical_difference"))
    if difference is not None:
        ranks = {str(arm["arm"]): float(arm["rank"]) for arm in arms}
        shown["critical"] = critical_difference(ranks, difference, sequence(facts, "cliques"))
        head = ["arm", "mean rank", "low", "high"]
        figures = [
            [str(arm["arm"]), *(number(arm.get(name), 2) for name in ("rank", "rank_low", "rank_high"))]
            for arm in arms
        ]
        shown["ranks"] = plain_table("Mean ranks", head, figures)
        shown["test"] = _test(mapping(facts, "friedman"))
    return shown


def _width(arm: Mapping[str, Any]) -> float | None:
    low, high = real(arm.get("gain_low")), real(arm.get("gain_high"))
    return None if low is None or high is None else high - low


def _table(arms: list[dict[str, Any]], control: Any, digits: int) -> Table:
    strips = [
        {"arm": arm["arm"], "difference": arm.get("gain")}
        | {"difference_low": arm.get("gain_low"), "difference_high": arm.get("gain_high")}
        for arm in arms
    ]
    forest = Forest.of(strips, digits=digits)
    columns = [
        Column("#", "number"),
        Column("arm"),
        Column(f"gain over {control}" if control else "gain", "strip", forest.axis()),
        Column("gain", "number"),
        Column("mean", "number"),
        Column("mean rank", "number"),
        Column("Elo", "number"),
        Column("wins", "number"),
        Column("losses", "number"),
        Column("p (Holm)", "number"),
        Column("time", "number"),
    ]
    lines = []
    for place, (arm, strip) in enumerate(zip(arms, strips, strict=True), start=1):
        is_control = arm["arm"] == control
        gain = signed(arm.get("gain"), digits)
        limits = interval(arm.get("gain_low"), arm.get("gain_high"), digits, sign=True)
        ranks = interval(arm.get("rank_low"), arm.get("rank_high"), 2)
        elo = interval(arm.get("elo_low"), arm.get("elo_high"), 0)
        cells = [
            figure(str(place), place),
            text(arm["arm"], badges=("control",) if is_control else ()),
            Cell(forest.strip(strip), real(arm.get("gain"))),
            figure(gain, arm.get("gain"), note=limits),
            figure(number(arm.get("mean"), digits), arm.get("mean")),
            figure(number(arm.get("rank"), 2), arm.get("rank"), note=ranks),
            figure(number(arm.get("elo"), 0), arm.get("elo"), note=elo),
            figure(number(arm.get("wins"), 0), arm.get("wins")),
            figure(number(arm.get("losses"), 0), arm.get("losses")),
            figure(number(arm.get("p"), 4), arm.get("p")),
            figure(duration(arm.get("seconds")), arm.get("seconds")),
        ]
        lines.append(Row(cells, "control" if is_control else ""))
    return Table(
        "Arms, best mean rank first; intervals are over data sets", columns, lines, wide=True, kind="race"
    )


def _test(friedman: Mapping[str, Any]) -> str:
    if real(friedman.get("p_f")) is None:
        return ""
    p = float(friedman["p_f"])
    shown = "below 0.0001" if p < 0.0001 else number(p, 4)
    return f"That all arms are alike has a p-value of {shown} (Friedman, in Iman and Davenport's form)."
