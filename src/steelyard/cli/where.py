"""`steelyard where NNN`: which parts serve a published system."""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["where"]


def where(
    number: Annotated[str, typer.Argument(help="Number of a published system, such as 021.")],
    as_json: AsJson = False,
) -> None:
    """Show the parts that serve published system NUMBER."""
    from steelyard.core import UsageError, catalogue

    if not number.removeprefix("p").isdigit():
        raise UsageError(f"{number!r} is no number of a published system; give one such as 021")
    found = catalogue.where(number)
    if as_json:
        show_json([{"name": card.name, "lever": card.lever, "module": card.module} for card in found])
        return
    if not found:
        print(f"no part serves system {number} yet")
    for card in found:
        print(f"{card.lever:10} {card.name:32} {card.module}")
