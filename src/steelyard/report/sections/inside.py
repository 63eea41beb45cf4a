"""What is left to learn of each class, and how the classes lie in the network's last layer."""

from __future__ import annotations

from typing import Any

from steelyard.report.charts.dot import Dots
from steelyard.report.facts import Facts, mapping, rows
from steelyard.report.figures import clipped, count, number, real
from steelyard.report.tables import Cell, Column, Row, Table, figure, text

MEASURES = {
    "within": ("spread within classes over spread between them", "0 means that each class is one point"),
    "minimum_angle": (
        "smallest angle between two class means",
        "degrees; small means two classes lie together",
    ),
    "incoherence": (
        "distance of the angles from those of a simplex",
        "0 means that all classes lie equally far apart",
    ),
    "norm_variation": (
        "variation of the distances of class means",
        "0 means that no class is nearer to the centre",
    ),
}
MOST = 200


def inside(facts: Facts) -> dict[str, Any] | None:
    """The gradients of every class, and measures of neural collapse."""
    known = mapping(facts, "inside")
    gradients, collapse = rows(known, "gradients"), mapping(known, "collapse")
    if not gradients and not collapse:
        return None
    return {
        "pictures": count(known.get("pictures")),
        "gradients": _gradients(gradients) if gradients else None,
        "collapse": _collapse(collapse),
    }


def _gradients(known: list[dict[str, Any]]) -> Table:
    known = sorted(known, key=lambda one: -(real(one.get("pictures")) or 0))[:MOST]
    dots = Dots.of([real(one.get("norm")) for one in known], least=0.0)
    lines = [
        Row(
            [
                text(one.get("label")),
                figure(count(one.get("pictures")), one.get("pictures")),
                Cell(
                    dots.strip(f"gradient of {clipped(one.get('label'), 60)}", real(one.get("norm"))),
                    real(one.get("norm")),
                ),
                figure(number(one.get("norm")), one.get("norm")),
                figure(number(one.get("pull")), one.get("pull")),
                figure(number(one.get("loss")), one.get("loss")),
            ]
        )
        for one in known
    ]
    head = [
        Column("class"),
        Column("pictures", "number"),
        Column("its own gradient", "strip", dots.axis()),
        Column("its own gradient", "number"),
        Column("its pull on a step", "number"),
        Column("loss", "number"),
    ]
    return Table("Length of each class's gradient, commonest first", head, lines, wide=True)


def _collapse(known: dict[str, Any]) -> Table | None:
    lines = [
        Row([text(name, note=note), figure(number(known[measure]), known[measure])])
        for measure, (name, note) in MEASURES.items()
        if real(known.get(measure)) is not None
    ]
    head = [Column("measure"), Column("value", "number")]
    return Table("The classes in the last layer", head, lines, kind="small") if lines else None
