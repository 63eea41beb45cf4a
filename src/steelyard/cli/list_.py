"""`steelyard list`: every method, by lever."""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["list_"]


def list_(
    lever: Annotated[
        str | None,
        typer.Option(help="Only one lever: metrics, weights, decide, resample, ensemble, learner …"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the methods steelyard holds; nothing is imported for it."""
    from steelyard.core import UsageError, catalogue

    levers = sorted({card.lever for card in catalogue.all_cards()})
    if lever is not None and lever not in levers:
        raise UsageError(f"{lever!r} is no lever; known are {', '.join(levers)}")
    found = catalogue.find(lever=lever)
    if as_json:
        show_json([{"name": c.name, "lever": c.lever, "title": c.title, "status": c.status} for c in found])
        return
    for card in found:
        print(f"{card.lever:10} {card.name:34} {card.title}")
