"""Where an arm helps: by data set, by imbalance, by size, and at what price."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.grid import gain_grid
from steelyard.report.charts.scatter import Point, scatter
from steelyard.report.facts import Facts, mapping, rows, sequence
from steelyard.report.figures import general, number, real, signed
from steelyard.report.tables import Table, plain_table

PANELS = 6
TRAITS = {"ratio": "imbalance ratio", "rows": "rows", "overlap": "overlap (N3 of the rarest class)"}


def sets(facts: Facts) -> dict[str, Any] | None:
    """The heat map of gains and the tiers."""
    names, arms, gains = _gains(facts)
    if not names or not arms:
        return None
    figures = [
        [name, *("–" if gain is None else signed(gain, 4) for gain in row)]
        for name, row in zip(names, gains, strict=True)
    ]
    return {
        "control": facts.get("control"),
        "chart": gain_grid(names, arms, gains),
        "figures": plain_table("Gain over the control", ["data set", *arms], figures),
        "tiers": _tiers(facts),
    }


def help_(facts: Facts) -> dict[str, Any] | None:
    """One small scatter an arm and trait: the gain on every data set against what the set is like."""
    names, arms, gains = _gains(facts)
    traits = {str(row["name"]): row for row in rows(facts, "sets")}
    panels = []
    for trait, title in TRAITS.items():
        for j, arm in enumerate(arms[:PANELS]):
            points = [
                Point(x, gain, name, "better" if gain > 0 else "worse" if gain < 0 else "")
                for name, row in zip(names, gains, strict=True)
                if (gain := row[j]) is not None and (x := real(traits.get(name, {}).get(trait))) and x > 0
            ]
            if len(points) > 2:
                chart = scatter(
                    f"chart-{trait}-{j}",
                    f"{arm}: gain by {title}",
                    points,
                    x_title=title,
                    y_title="gain",
                    zero=True,
                )
                head = ["data set", title, "gain"]
                figures = [[p.name, general(p.x), signed(p.y, 4)] for p in points]
                panels.append(
                    (f"{arm}: gain by {title}", chart, plain_table(f"{arm} by {title}", head, figures))
                )
    return {"panels": panels, "control": facts.get("control")} if panels else None


def price(facts: Facts) -> dict[str, Any] | None:
    """Mean score against mean time; the arms that no other beats in both."""
    points = [
        Point(seconds, mean, str(arm["arm"]))
        for arm in rows(facts, "ranking")
        if (seconds := real(arm.get("seconds"))) and (mean := real(arm.get("mean"))) is not None
    ]
    if len(points) < 2:
        return None
    lower = bool(facts["metric"].get("lower"))
    front = pareto(points, lower=lower)
    marked = [Point(p.x, p.y, p.name, "chosen" if p in front else "", shown=p in front) for p in points]
    label = str(facts["metric"]["label"])
    chart = scatter(
        "chart-price", f"{label} against time", marked, x_title="seconds a trial", y_title=label, path=front
    )
    figures = [[p.name, general(p.x), number(p.y, 4)] for p in points]
    return {
        "chart": chart,
        "figures": plain_table("Score and time", ["arm", "seconds", label], figures),
        "label": label,
    }


def pareto(points: list[Point], *, lower: bool = False) -> list[Point]:
    """The points that no other beats in both time and score, fastest first.

    >>> [p.name for p in pareto([Point(1, 0.5, "a"), Point(2, 0.4, "b"), Point(3, 0.9, "c")])]
    ['a', 'c']
    """
    sign = -1.0 if lower else 1.0
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, -sign * p.y)):
        if not front or sign * point.y > sign * front[-1].y:
            front.append(point)
    return front


def _gains(facts: Facts) -> tuple[list[str], list[str], list[list[float | None]]]:
    """Data sets, arms other than the control, and gains over it (positive is better)."""
    table = mapping(facts, "scores")
    arms, control = [str(arm) for arm in sequence(table, "arms")], facts.get("control")
    if control not in arms:
        return [], [], []
    base, sign = arms.index(str(control)), -1.0 if facts["metric"].get("lower") else 1.0
    kept = [j for j in range(len(arms)) if j != base]

    def gain(row: list[Any], j: int) -> float | None:
        one, other = real(row[j]), real(row[base])
        return None if one is None or other is None else sign * (one - other)

    values = [list(row) for row in sequence(table, "values")]
    gains = [[gain(row, j) for j in kept] for row in values]
    return [str(name) for name in sequence(table, "sets")], [arms[j] for j in kept], gains


def _tiers(facts: Facts) -> list[tuple[str, Table]]:
    """One table a trait of the data sets that is known: arms × tiers."""
    arms = [str(arm) for arm in sequence(mapping(facts, "scores"), "arms")]
    found = []
    for trait, title in TRAITS.items():
        tiers = [tier for tier in rows(facts, "tiers") if tier.get("trait") == trait]
        if tiers:
            head = ["arm", *(f"{tier['tier']} ({general(tier['sets'])} sets)" for tier in tiers)]
            figures = [[arm, *(number(mapping(tier, "means").get(arm), 4) for tier in tiers)] for arm in arms]
            found.append((trait, plain_table(f"Means by tier of {title}", head, figures)))
    return found
