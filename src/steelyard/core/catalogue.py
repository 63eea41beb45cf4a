"""Find every card and every recipe without importing a single method."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from steelyard.core.card_facts import wrong_facts
from steelyard.core.cards import Card, Claim, Paper
from steelyard.core.errors import UsageError
from steelyard.core.plugins import each_plugin, module_file

__all__ = ["all_cards", "all_papers", "find", "get", "paper", "where"]

ROOT = Path(__file__).resolve().parents[1]


@cache
def all_cards() -> tuple[Card, ...]:
    """All cards, of steelyard and of packages that add methods to it, sorted by lever and name."""
    found = [card for path in sorted(ROOT.rglob("*.py")) for card in _read(path, _module(path))]
    taken = {(card.lever, card.name) for card in found}
    found += each_plugin("steelyard.methods", lambda one: _added(one, taken))
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
    wanted = _number(number)
    return tuple(card for card in all_cards() if wanted in card.seeds)


@cache
def all_papers() -> tuple[Paper, ...]:
    """What all recipes say of the systems they reproduce, by number."""
    return tuple(_read_paper(path) for path in sorted((ROOT / "recipes").glob("p[0-9]*.py")))


def paper(number: str) -> Paper | None:
    """The recipe of published system `number`, if there is one."""
    return next((one for one in all_papers() if one.number == _number(number)), None)


def _number(text: str) -> str:
    number = str(text).lower().removeprefix("p")
    if not number.isdigit():
        raise UsageError(f"{text!r} is no number of a published system; give one such as 021")
    return number.zfill(3)


def _read(path: Path, module: str) -> Iterator[Card]:
    for literal in _literals(path, "CARD"):
        yield Card(**_tuples(literal), module=module, path=str(path))


def _added(entry: EntryPoint, taken: set[tuple[str, str]]) -> Card:
    """The card in another package's module; its arm races when it is named, unless its card says otherwise."""
    cards = list(_read(module_file(entry.module), entry.module))
    if len(cards) != 1:
        raise UsageError(f"{entry.module} holds {len(cards)} literals CARD, expected one")
    (card,) = cards
    for wrong in wrong_facts(card):
        raise UsageError(f"the card of {card.name!r} {wrong}")
    if (card.lever, card.name) in taken:
        raise UsageError(f"there is another {card.name!r} among {card.lever} already")
    taken.add((card.lever, card.name))
    if "arm" in card.facts:
        arm = {"default": False} | card.facts["arm"]
        card = replace(card, facts={**card.facts, "arm": arm})
    return card


def _read_paper(path: Path) -> Paper:
    (literal,) = _literals(path, "PAPER")
    claims = tuple(Claim(**_tuples(claim)) for claim in literal.pop("claims", []))
    return Paper(**_tuples(literal), claims=claims, module=_module(path))


def _module(path: Path) -> str:
    return ".".join(("steelyard", *path.relative_to(ROOT).with_suffix("").parts))


def _tuples(literal: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in literal.items()}


def _literals(path: Path, name: str) -> Iterator[dict[str, Any]]:
    """The literals that a module assigns to `name`, read without importing it."""
    source = path.read_text(encoding="utf-8")
    if f"\n{name}" not in source:
        return
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                yield ast.literal_eval(node.value)
