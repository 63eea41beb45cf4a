"""Find every card without importing a single method."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from steelyard.core.cards import Card
from steelyard.core.errors import UsageError

__all__ = ["all_cards", "find", "get", "where"]

ROOT = Path(__file__).resolve().parents[1]


@cache
def all_cards() -> tuple[Card, ...]:
    """All cards of the installed package, sorted by lever and name."""
    found = [card for path in sorted(ROOT.rglob("*.py")) for card in _read(path)]
    return tuple(sorted(found, key=lambda card: (card.lever, card.name.lower())))


def find(*, lever: str | None = None, fact: str | None = None) -> tuple[Card, ...]:
    """The cards of one lever, or those whose facts hold a given key.

    >>> [card.name for card in find(lever="no such lever")]
    []
    """
    return tuple(
        card
        for card in all_cards()
        if (lever is None or card.lever == lever) and (fact is None or fact in card.facts)
    )


def get(name: str, *, lever: str | None = None) -> Card:
    """The card of one method by its name; an unknown name lists the nearest known ones."""
    known = find(lever=lever)
    for card in known:
        if card.name == name:
            return card
    from difflib import get_close_matches

    near = get_close_matches(name, [card.name for card in known], n=3, cutoff=0.4)
    kind = lever or "method"
    hint = f"did you mean {', '.join(near)}" if near else f"`steelyard list --lever {kind}` shows all"
    raise UsageError(f"{name!r} is no {kind} steelyard knows; {hint}")


def where(number: str) -> tuple[Card, ...]:
    """The cards that serve published system `number`, such as "021" or 21."""
    wanted = str(number).lower().removeprefix("p").zfill(3)
    return tuple(card for card in all_cards() if wanted in card.seeds)


def _read(path: Path) -> Iterator[Card]:
    source = path.read_text(encoding="utf-8")
    if "\nCARD" not in source:
        return
    for node in ast.parse(source).body:
        literal = _card_literal(node)
        if literal is not None:
            module = ".".join(("steelyard", *path.relative_to(ROOT).with_suffix("").parts))
            fields: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in literal.items()
            }
            yield Card(**fields, module=module, path=str(path))


def _card_literal(node: ast.stmt) -> dict[str, Any] | None:
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return None
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not any(isinstance(target, ast.Name) and target.id == "CARD" for target in targets):
        return None
    literal: dict[str, Any] = ast.literal_eval(node.value)
    return literal
