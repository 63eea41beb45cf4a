"""Write one page a method, and one index a lever, from the cards and docstrings.

The pages lie in docs/methods and are not committed: `make docs` makes them anew.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from steelyard.core import Card, catalogue
from tools import sampler_pictures
from tools.docstrings import inline, markdown

DOCS = Path(__file__).resolve().parents[1] / "docs" / "methods"
LEVERS = {
    "metrics": "How good are these scores?",
    "weights": "The class prior in, class weights out.",
    "decide": "Scores in, adjusted scores and decisions out.",
    "resample": "Rows in, rows out.",
    "ensemble": "Committees that balance inside.",
    "samplers": "Labels in, streams of row positions out.",
    "nets": "Heads for long tails and small networks under them.",
    "optim": "Steps of an optimiser for long tails.",
    "augment": "Batches in, batches out.",
    "losses": "Logits or embeddings in, a tensor to minimise out.",
    "detection": "Boxes in images: anchors, codes, average precision.",
    "diagnose": "What is wrong with this data?",
    "learner": "The learners a race starts from.",
}
STATUS = {
    "verified": "verified: its claims were judged and hold",
    "claimed": "claimed: tested, its published claims not judged yet",
    "experimental": "experimental: may change or go",
}
WIDE = 90


def page(card: Card, links: Mapping[str, str]) -> str:
    """One method as Markdown."""
    method = card.load()
    found = {name: target for name, target in links.items() if name != card.name}
    parts = [
        f"# {card.name}",
        f"{_sentence(card.title)}",
        f"```python\nfrom {card.package} import {card.name}\n```",
        _signature(card.name, method),
        markdown(inspect.getdoc(method) or "", found),
    ]
    if inspect.isclass(method):
        shown = [_method(name, function, found) for name, function in _methods(method)]
        parts += ["## Methods", *shown] if shown else []
    return "\n\n".join([*parts, "## Card", _card(card)]) + "\n"


def index(lever: str, found: list[Card]) -> str:
    """One lever as Markdown."""
    rows = "\n".join(
        f"| [{c.name}]({lever}/{c.name}.md) | {inline(c.title, {})} | {c.status} |" for c in found
    )
    return (
        f"# {lever}\n\n{LEVERS.get(lever, '')}\n\n| method | what it is | status |\n|---|---|---|\n{rows}\n"
    )


def overview(by_lever: Mapping[str, list[Card]]) -> str:
    """The page all levers hang on."""
    lines = "\n".join(
        f"- [{lever}]({lever}.md), {len(by_lever[lever])} methods: {LEVERS.get(lever, '')}"
        for lever in sorted(by_lever)
    )
    meanings = "\n".join(f"- {text}" for text in STATUS.values())
    return (
        "# Methods\n\nOne page a method, written from its docstring and its card, grouped by what the method moves. "
        f"On the command line `steelyard list` shows the same.\n\n{lines}\n\nWhat the status says:\n\n{meanings}\n"
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{inline(text[1:], {})}."


def _card(card: Card) -> str:
    rows = [
        ("lever", f"[{card.lever}](../{card.lever}.md)"),
        ("status", STATUS[card.status]),
        ("since", card.since),
        ("source", inline(card.source, {}) or "–"),
        ("needs", ", ".join(card.needs) or "–"),
        ("published systems that use it", ", ".join(card.seeds) or "–"),
        ("file", f"`src/{card.module.replace('.', '/')}.py`"),
    ]
    return "\n".join(f"- {name}: {value}" for name, value in rows)


def _methods(owner: type) -> Iterator[tuple[str, Any]]:
    """The documented public methods that this project wrote, in the order of their definition."""
    seen: set[str] = set()
    for one in owner.__mro__:
        if not one.__module__.startswith("steelyard."):
            continue
        for name, function in vars(one).items():
            function = getattr(function, "__func__", function)
            if name.startswith("_") or name in seen or not inspect.isfunction(function):
                continue
            seen.add(name)
            if function.__doc__:
                yield name, function


def _method(name: str, function: Any, links: Mapping[str, str]) -> str:
    text = markdown(inspect.getdoc(function) or "", links)
    return f"### {name}\n\n{_signature(name, function)}\n\n{text}"


def _signature(name: str, method: Any) -> str:
    """The call, without annotations: the docstring says what each argument is."""
    shown, starred = [], False
    for one in inspect.signature(method).parameters.values():
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not starred:
            shown.append("*")
        starred = starred or one.kind in {one.KEYWORD_ONLY, one.VAR_POSITIONAL}
        shown.append(str(one.replace(annotation=one.empty)))
    line = f"{name}({', '.join(shown)})"
    if len(line) > WIDE:
        line = "\n".join([f"{name}(", *(f"    {part}," for part in shown), ")"])
    return f"```python\n{line}\n```"


def main() -> None:
    """Write all pages."""
    shutil.rmtree(DOCS, ignore_errors=True)
    by_lever: dict[str, list[Card]] = {}
    for card in catalogue.all_cards():
        by_lever.setdefault(card.lever, []).append(card)
    links = {card.name: f"../{card.lever}/{card.name}.md" for card in catalogue.all_cards()}
    for lever, found in by_lever.items():
        (DOCS / lever).mkdir(parents=True)
        (DOCS / f"{lever}.md").write_text(index(lever, found), encoding="utf-8")
        for card in found:
            (DOCS / lever / f"{card.name}.md").write_text(page(card, links), encoding="utf-8")
    (DOCS / "index.md").write_text(overview(by_lever), encoding="utf-8")
    (DOCS / "sampler-pictures.md").write_text(sampler_pictures.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
