from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from steelyard.core import Card, catalogue

CARDS = [*catalogue.find(lever="decide"), *catalogue.find(lever="weights")]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_names_what_its_package_exports_and_its_example_fits(card: Card) -> None:
    method = card.load()
    assert getattr(import_module(card.package), card.name) is method
    inspect.signature(method).bind_partial(**card.example)
    if inspect.isclass(method):
        method(**card.example)
    assert card.source
    assert card.seeds


def test_every_public_calibrator_search_and_rule_has_a_card() -> None:
    named = {card.name for card in CARDS}
    package = import_module("steelyard.decide")
    plain = {"Calibration", "CountMetric", "Goal", "RowCosts", "Rule"}
    results = {
        "FlagRateShift",
        "Judged",
        "LabelThresholds",
        "PriorEstimate",
        "RiskCoverage",
        "ThresholdCurve",
    }
    helpers = {
        "calibration_in_the_large",
        "expected_f",
        "label_size_table",
        "rule_from_json",
        "threshold_curve",
    }
    assert set(package.__all__) - plain - results - helpers <= named
