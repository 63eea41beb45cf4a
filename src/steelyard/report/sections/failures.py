"""What was tried and did not help, and why: worse, stopped, failed, declined."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.forest import side
from steelyard.report.facts import Facts, rows
from steelyard.report.figures import clipped, interval, real, signed
from steelyard.report.sections.race import arms_of, badges
from steelyard.report.tables import Cell, Column, Row, Table, text

LONGEST = 500
NO_REASON = "no reason was recorded"


def failures(facts: Facts) -> dict[str, Any] | None:
    """A table of outcomes, the plainest first."""
    lines = [
        *_out(facts),
        *(row for arm in arms_of(facts) if (row := _outcome(arm)) is not None),
    ]
    order = ["failed", "declined", "stopped early", "clearly worse"]
    lines.sort(key=lambda row: order.index(str(row.cells[1].text)))
    head = [Column("arm"), Column("outcome"), Column("why")]
    table = Table("Arms that did not help", head, lines, wide=True, kind="failures") if lines else None
    return {"table": table, "log": [clipped(line, LONGEST) for line in facts["log"][-200:]], "study": False}


def _out(facts: Facts) -> list[Row]:
    """Failed and declined arms, from both places that name them, each once."""
    named: dict[str, tuple[str, Any]] = {}
    for arm in arms_of(facts):
        if arm.get("status") in ("failed", "declined"):
            named[str(arm.get("arm"))] = (str(arm["status"]), arm.get("reason"))
    for failure in rows(facts, "failures"):
        status, reason = named.get(str(failure.get("arm")), ("failed", None))
        named[str(failure.get("arm"))] = (status, reason or failure.get("reason"))
    return [_row(text(arm), status, reason or NO_REASON) for arm, (status, reason) in named.items()]


def _outcome(arm: dict[str, Any]) -> Row | None:
    name = text(arm.get("arm"), badges=tuple(b for b in badges(arm) if b != "stopped early"))
    gap = real(arm.get("difference"))
    said = f"gain {signed(gap)}" if gap is not None else "no gain measured"
    limits = interval(arm.get("difference_low"), arm.get("difference_high"), sign=True)
    measured = f"{said} ({limits})" if limits else said
    if arm.get("status") == "stopped":
        return _row(name, "stopped early", arm.get("reason") or measured)
    worse = arm.get("status") not in ("failed", "declined") and side(arm) == "worse"
    return _row(name, "clearly worse", f"{measured} over doing nothing") if worse else None


def _row(name: Cell, outcome: str, reason: Any) -> Row:
    return Row([name, text(outcome), text(clipped(reason, LONGEST))])
