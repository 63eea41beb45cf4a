"""`steelyard where NNN`: which parts serve a published system, and its recipe."""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["where"]


def where(
    number: Annotated[str, typer.Argument(help="Number of a published system, such as 021.")],
    as_json: AsJson = False,
) -> None:
    """Show the parts that serve published system NUMBER, and the recipe that reproduces it."""
    from steelyard.core import catalogue

    found, recipe = catalogue.where(number), catalogue.paper(number)
    if as_json:
        parts = [{"name": card.name, "lever": card.lever, "module": card.module} for card in found]
        show_json({"parts": parts, "recipe": recipe and {"title": recipe.title, "module": recipe.module}})
        return
    if not found:
        print(f"no part serves system {number} yet")
    for card in found:
        print(f"{card.lever:10} {card.name:32} {card.module}")
    if recipe is not None:
        print(f"{'recipe':10} {recipe.title:32} {recipe.module}")
        print(f"run it: steelyard reproduce {recipe.number} --scale small")
