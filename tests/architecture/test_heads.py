"""Heads are counted: no card without a loadable method, an example that works, and a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.core import Card, all_cards

TESTS = Path(__file__).resolve().parents[1]
TEXTS = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: f"{card.lever}-{card.name}")
def test_a_card_names_something_that_is_tested(card: Card) -> None:
    if "boost" in card.needs:
        pytest.importorskip(card.name)
    for library in ("imblearn", "torch"):
        if library in card.needs:
            pytest.importorskip(library)
    assert card.load().__doc__, "no docstring"
    folder = TESTS / Path(*card.module.split(".")[1:2])
    assert any(card.name in text for path, text in TEXTS.items() if path.is_relative_to(folder)), (
        "no test names it"
    )


def test_names_are_unique_within_a_lever() -> None:
    seen = [(card.lever, card.name) for card in all_cards()]
    assert len(seen) == len(set(seen))
