from __future__ import annotations

import pytest

from steelyard.core import find
from steelyard.report.glossary import METRICS, TERMS, entries, word

CARDS = {card.name: card for card in find(lever="metrics") if card.name in METRICS}


@pytest.mark.parametrize("name", sorted(CARDS))
def test_directions_agree_with_the_metrics_own_cards(name: str) -> None:
    assert word(name).direction == CARDS[name].facts["direction"]


def test_every_recorded_metric_is_explained() -> None:
    from steelyard.metrics import TEN

    assert set(TEN) <= set(METRICS)


def test_a_page_explains_its_own_metrics_only() -> None:
    named = [name for name, _ in entries(["f1", "no such metric"])]
    assert named == ["F1", *TERMS]


def test_meanings_are_sentences() -> None:
    for _, meaning in entries(METRICS):
        assert meaning.endswith(".")
        assert meaning[0].isupper()
