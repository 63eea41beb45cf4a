"""The page with a picture of every sampler."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from tools.sampler_pictures import GROUPS, NOT_DRAWN, VARIANTS, page, panel, table

from steelyard.core import find

CARDS = {card.name: card for card in find(lever="resample") if card.facts["kind"] in GROUPS}


@pytest.fixture(scope="module")
def made() -> str:
    return page()


def test_every_sampler_is_drawn_or_excused(made):
    for name in CARDS:
        assert f">{name}</a>" in made or f"Not drawn: {name}" in made
    assert set(NOT_DRAWN) | set(VARIANTS) <= set(CARDS)


def test_pictures_are_well_formed_and_differ(made):
    drawings = [f"<svg{part.split('</svg>')[0]}</svg>" for part in made.split("<svg")[1:]]
    pictures = [one for one in drawings if 'role="img"' in one]
    assert len(pictures) > len(CARDS)
    assert all(ET.fromstring(one).tag == "svg" for one in pictures)
    assert len(set(pictures)) == len(pictures)


def dots(svg: str, name: str) -> int:
    return sum(one.get("d", "").count("M") for one in ET.fromstring(str(svg)) if one.get("class") == name)


def test_dots_are_rows():
    shown = panel(CARDS["RandomUnderSampler"], {})
    assert shown.after == (32, 32)
    assert [dots(shown.svg, name) for name in ("many", "rare", "gone", "made")] == [32, 32, 128, 0]
    shown = panel(CARDS["SMOTE"], {})
    assert [dots(shown.svg, name) for name in ("many", "rare", "gone", "made")] == [160, 32, 0, 128]


def test_the_table_has_the_rows_the_page_speaks_of():
    assert np.bincount(table()[1]).tolist() == [160, 32]
