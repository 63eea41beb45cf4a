"""The arms within every learner: a place that holds with all of them is worth more."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.places import Place, places
from steelyard.report.facts import Facts, rows
from steelyard.report.figures import interval, number, real
from steelyard.report.tables import Cell, Column, Row, Table, figure, plain_table, text

PANELS = 8


def learners(facts: Facts) -> dict[str, Any] | None:
    """A table learners × arms of mean ranks, and one chart an arm; None with fewer than two learners."""
    found = [row for row in rows(facts, "learners") if real(row.get("rank")) is not None]
    names = list(dict.fromkeys(str(row["learner"]) for row in found))
    if len(names) < 2:
        return None
    ranked = [str(row["arm"]) for row in rows(facts, "ranking")]
    arms = sorted(
        {str(row["arm"]) for row in found},
        key=lambda arm: (arm not in ranked, ranked.index(arm) if arm in ranked else arm),
    )
    cells = {(str(row["learner"]), str(row["arm"])): row for row in found}
    panels = [
        _panel(j, arm, [cells[name, arm] for name in names if (name, arm) in cells], len(arms))
        for j, arm in enumerate(arms[:PANELS])
    ]
    return {"table": _table(names, arms, cells), "panels": panels, "label": facts["metric"]["label"]}


def _table(names: list[str], arms: list[str], cells: dict[tuple[str, str], dict[str, Any]]) -> Table:
    columns = [Column("learner"), Column("data sets", "number"), *(Column(arm, "number") for arm in arms)]
    lines = []
    for name in names:
        own = {arm: cells.get((name, arm), {}) for arm in arms}
        best = min((row["rank"] for row in own.values() if row), default=None)
        sets = max(int(row["sets"]) for row in own.values() if row)
        ranks = [
            Cell(
                number(row.get("rank"), 2),
                real(row.get("rank")),
                ("best",) if row and row["rank"] == best else (),
                interval(row.get("low"), row.get("high"), 2),
            )
            for row in own.values()
        ]
        lines.append(Row([text(name), figure(str(sets), sets), *ranks]))
    return Table("Mean rank within each learner", columns, lines, wide=True, kind="learners")


def _panel(j: int, arm: str, own: list[dict[str, Any]], worst: int) -> tuple[str, Any, Table]:
    title = f"{arm}: rank by learner"
    drawn = [
        Place(str(row["learner"]), *(float(row[name]) for name in ("rank", "low", "high"))) for row in own
    ]
    chart = places(f"chart-places-{j}", title, drawn, worst=worst, axis="mean rank")
    columns = ("rank", "low", "high", "best"), ("elo", "elo_low", "elo_high")
    head = ["learner", "data sets", "mean rank", "low", "high", "first in draws", "Elo", "low", "high"]
    figures = [
        [
            str(row["learner"]),
            str(row["sets"]),
            *(number(row.get(name), 2) for name in columns[0]),
            *(number(row.get(name), 0) for name in columns[1]),
        ]
        for row in own
    ]
    return title, chart, plain_table(f"{arm} within each learner", head, figures)
