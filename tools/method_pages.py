"""Write one page a method, and one index a lever, from the cards and docstrings.

The pages lie in docs/methods and are not committed: `make docs` makes them anew.
"""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path

from steelyard.core import Card, cards

DOCS = Path(__file__).resolve().parents[1] / "docs" / "methods"
LEVERS = {
    "metrics": "How good are these scores?",
    "weights": "The class prior in, class weights out.",
    "decide": "Scores in, adjusted scores and decisions out.",
    "resample": "Rows in, rows out.",
    "ensemble": "Committees that balance inside.",
    "diagnose": "What is wrong with this data?",
    "learner": "The learners a race starts from.",
}


def page(card: Card) -> str:
    """One method as Markdown."""
    text = inspect.getdoc(card.load()) or ""
    rows = [
        ("import", f"`from {card.package} import {card.name}`"),
        ("status", card.status),
        ("since", card.since),
        ("systems", ", ".join(card.seeds) or "–"),
        ("source", card.source or "–"),
        ("needs", ", ".join(card.needs) or "–"),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"# {card.name}\n\n{card.title}.\n\n| | |\n|---|---|\n{table}\n\n```text\n{text}\n```\n"


def index(lever: str, found: list[Card]) -> str:
    """One lever as Markdown."""
    rows = "\n".join(f"| [{c.name}]({lever}/{c.name}.md) | {c.title} | {c.status} |" for c in found)
    return (
        f"# {lever}\n\n{LEVERS.get(lever, '')}\n\n| method | what it is | status |\n|---|---|---|\n{rows}\n"
    )


def main() -> None:
    """Write all pages."""
    shutil.rmtree(DOCS, ignore_errors=True)
    by_lever: dict[str, list[Card]] = {}
    for card in cards():
        by_lever.setdefault(card.lever, []).append(card)
    for lever, found in by_lever.items():
        (DOCS / lever).mkdir(parents=True)
        (DOCS / f"{lever}.md").write_text(index(lever, found), encoding="utf-8")
        for card in found:
            (DOCS / lever / f"{card.name}.md").write_text(page(card), encoding="utf-8")
    links = "\n".join(f"- [{lever}]({lever}.md): {LEVERS.get(lever, '')}" for lever in sorted(by_lever))
    (DOCS / "index.md").write_text(f"# Methods\n\n{links}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
