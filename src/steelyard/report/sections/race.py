"""The race: every arm ranked, with its gain over doing nothing as figure and picture."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.forest import Forest
from steelyard.report.facts import Facts, mapping, rows
from steelyard.report.figures import (
    clipped,
    count,
    digits_for,
    duration,
    interval,
    number,
    percent,
    real,
    signed,
)
from steelyard.report.glossary import word
from steelyard.report.tables import Cell, Column, Row, Table, figure, text

OUT = ("failed", "declined")
MOST = 200


def race(facts: Facts) -> dict[str, Any] | None:
    """The ranked table and, folded away, all metrics of all arms."""
    known = facts["race"]
    arms = arms_of(facts)
    if not known and not arms:
        return None
    ran = [arm for arm in arms if arm.get("status") not in OUT and real(arm.get("score")) is not None]
    out = sum(arm.get("status") in OUT for arm in arms)
    late = len(arms) - len(ran) - out
    return {
        "label": clipped(facts["goal"].get("label") or "", 80),
        "direction": facts["goal"].get("direction"),
        "reference": clipped(known.get("reference") or "doing nothing", 120),
        "same": clipped(known.get("same") or "on the same folds", 120),
        "pairs": _pairs(known, len(ran), late, out),
        "table": _ranking(ran, facts) if ran else None,
        "metrics": _metrics(ran, clipped(known.get("unit") or "folds", 20)),
        "out": out,
        "late": late,
        "unshown": max(0, len(ran) - MOST),
    }


def arms_of(facts: Facts) -> list[dict[str, Any]]:
    """All arms by rank; those without a rank come last, in their order."""
    arms = rows(facts["race"], "rows")
    return sorted(arms, key=lambda arm: known if (known := real(arm.get("rank"))) is not None else 1e9)


def badges(arm: dict[str, Any]) -> tuple[str, ...]:
    """What a reader must know about an arm at a glance."""
    marks = {
        "chosen": arm.get("chosen"),
        "control": arm.get("control"),
        "stopped early": arm.get("status") == "stopped",
    }
    return tuple(name for name, holds in marks.items() if holds)


def _pairs(known: dict[str, Any], ran: int, late: int, out: int) -> list[tuple[str, str]]:
    rest = (f", {late} not reached" if late else "") + (f", {out} failed or declined" if out else "")
    pairs = [("arms", f"{ran} raced{rest}")]
    for name, title in (
        ("folds", "folds"),
        ("fits", "models fitted"),
        ("seeds", "seeds"),
        ("epochs", "epochs"),
    ):
        if real(known.get(name)) is not None:
            pairs.append((title, count(known[name])))
    pairs += [
        (name, clipped(known[name], 120)) for name in ("backbone", "budget", "stopped") if known.get(name)
    ]
    return pairs


def _ranking(ran: list[dict[str, Any]], facts: Facts) -> Table:
    digits = _digits(ran)
    forest = Forest.of(
        [arm for arm in ran if arm.get("status") != "stopped"] or ran,
        digits=digits,
    )
    head = [
        Column("#", "number"),
        Column("arm"),
        Column("gain over doing nothing", "strip", forest.axis()),
        Column("gain", "number"),
        Column(clipped(facts["goal"].get("label") or "score", 40), "number"),
        Column("probability better", "number"),
        Column(clipped(facts["race"].get("unit") or "folds", 20), "number"),
        Column("time", "number"),
    ]
    lines = [Row(_cells(arm, forest, digits), _kind(arm)) for arm in ran[:MOST]]
    caption = facts["race"].get("caption") or (
        "All arms, ranked; intervals are 95%, paired over the same folds and corrected for their overlap"
    )
    return Table(clipped(caption), head, lines, wide=True, kind="race")


def _cells(arm: dict[str, Any], forest: Forest, digits: int) -> list[Cell]:
    difference = arm.get("difference")
    ends = (arm.get("difference_low"), arm.get("difference_high"))
    itself = ends == (0, 0)
    gap = "" if itself else interval(*ends, digits, sign=True)
    limits = interval(arm.get("low"), arm.get("high"), digits)
    return [
        figure(count(arm.get("rank")), arm.get("rank")),
        text(arm.get("arm"), badges=badges(arm)),
        Cell(forest.strip(arm), real(difference)),
        figure(signed(difference, digits), difference, note=gap),
        figure(number(arm.get("score"), digits), arm.get("score"), note=limits),
        Cell("–") if itself else figure(percent(arm.get("p_better")), arm.get("p_better")),
        figure(count(arm.get("folds")), arm.get("folds")),
        figure(duration(arm.get("seconds")), arm.get("seconds")),
    ]


def _kind(arm: dict[str, Any]) -> str:
    if arm.get("chosen"):
        return "chosen"
    return "stopped" if arm.get("status") == "stopped" else ""


def _digits(ran: list[dict[str, Any]]) -> int:
    ends = [
        (real(arm.get("difference_low")), real(arm.get("difference_high")))
        for arm in ran
        if not arm.get("control")
    ]
    known = [high - low for low, high in ends if low is not None and high is not None]
    return max(digits_for(known), 3 if known and max(known) < 1 else 0)


def _metrics(ran: list[dict[str, Any]], unit: str) -> Table | None:
    measured = {str(arm.get("arm")): mapping(arm, "metrics") for arm in ran[:MOST]}
    names = list(dict.fromkeys(name for metrics in measured.values() for name in metrics))
    if not names:
        return None
    arrows = {"max": " ↑", "min": " ↓", "": ""}
    head = [Column("arm"), *(Column(word(n).label + arrows[word(n).direction], "number") for n in names)]
    lines = []
    for arm in ran[:MOST]:
        metrics = mapping(arm, "metrics")
        values = [figure(number(metrics.get(name)), metrics.get(name)) for name in names]
        lines.append(Row([text(arm.get("arm"), badges=badges(arm)), *values], _kind(arm)))
    caption = f"Mean over {unit} of every recorded metric (↑ more is better, ↓ less is better)"
    return Table(caption, head, lines, wide=True)
