"""Every method, found through its card, keeps the protocol of its lever; a new one is checked by being there."""

from __future__ import annotations

import pytest

from steelyard.checks import check_card, check_method
from steelyard.core import Card, MissingExtra, find


def named(card: Card) -> str:
    return f"{card.lever}-{card.name}"


@pytest.mark.parametrize("card", find(), ids=named)
def test_card(card: Card) -> None:
    try:
        check_card(card)
    except MissingExtra as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("card", find(), ids=named)
def test_protocol(card: Card) -> None:
    try:
        check_method(card)
    except MissingExtra as missing:
        pytest.skip(str(missing))


def test_names_are_unique_within_a_lever() -> None:
    names = [(card.lever, card.name) for card in find()]
    assert len(set(names)) == len(names)
