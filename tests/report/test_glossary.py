from __future__ import annotations

import pytest

from steelyard.core import find
from steelyard.report.glossary import MEANINGS, TERMS, entries, word


@pytest.mark.parametrize("name", MEANINGS)
def test_every_explained_metric_exists(name: str) -> None:
    assert name in {card.name for card in find(lever="metrics")}


def test_labels_and_directions_are_the_cards_own() -> None:
    assert word("log_loss") == ("log loss", "min")
    assert word("average_precision").direction == "max"
    assert word("made_up") == ("made up", "")


def test_every_recorded_metric_is_explained() -> None:
    from steelyard.metrics import TEN

    assert set(TEN) <= set(MEANINGS)


def test_a_page_explains_its_own_metrics_only() -> None:
    named = [name for name, _ in entries(["f1", "no such metric"])]
    assert named == ["F1", *TERMS]


def test_meanings_are_sentences() -> None:
    for _, meaning in entries(MEANINGS):
        assert meaning.endswith(".")
        assert meaning[0].isupper()
