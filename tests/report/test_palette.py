from __future__ import annotations

import pytest

from steelyard.report.palette import DARK, HEAT, LIGHT, blend, contrast, css

PALETTES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])

TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "grid"), ("ink", "blue-soft"), ("ink", "orange-soft"),
    ("muted", "paper"), ("muted", "surface"), ("muted", "blue-soft"), ("blue", "paper"), ("blue", "surface"),
    ("blue", "blue-soft"), ("orange", "orange-soft"), ("pink", "pink-soft"), ("surface", "blue"), ("paper", "ink"),
]  # fmt: skip
MARKS = [
    ("mark", "surface"),
    ("mark", "paper"),
    ("orange", "surface"),
    ("pink", "surface"),
    ("blue", "surface"),
]


def test_contrast_of_known_pairs() -> None:
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")


@PALETTES
@pytest.mark.parametrize(("one", "other"), TEXT)
def test_text_reaches_aa(colours: dict[str, str], one: str, other: str) -> None:
    assert contrast(colours[one], colours[other]) >= 4.5


@PALETTES
@pytest.mark.parametrize(("one", "other"), MARKS)
def test_marks_reach_three_to_one(colours: dict[str, str], one: str, other: str) -> None:
    assert contrast(colours[one], colours[other]) >= 3


@PALETTES
@pytest.mark.parametrize("tint", ["blue", "orange"])
def test_heat_map_figures_stay_readable(colours: dict[str, str], tint: str) -> None:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        cell = blend(colours[tint], colours["surface"], HEAT * share)
        assert contrast(colours["ink"], cell) >= 4.5


def test_both_palettes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_dark_never_reaches_paper() -> None:
    light, *dark = css().split("@media")
    assert LIGHT["ink"] in light
    assert all(rule.startswith(" screen") for rule in dark)
    assert len(dark) == 2
