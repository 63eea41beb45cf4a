from __future__ import annotations

import math

import pytest

from report.reading import Page
from steelyard.report.charts.histogram import Histogram

FACTS = {"edges": [0.0, 0.5, 1.0], "positive": [1, 3], "negative": [90, 10]}


def bars(svg: str) -> list[float]:
    return [float(e.attributes["height"]) for e in Page(svg).all("rect")]


def test_bars_are_shares_of_their_class_on_one_axis() -> None:
    histogram = Histogram.of(FACTS)
    assert histogram is not None
    plot = 128 - 22
    positive = bars(histogram.panel("positive", "t", threshold=None, log=False))
    negative = bars(histogram.panel("negative", "t", threshold=None, log=False))
    assert positive == pytest.approx([plot * 0.25 / 0.945, plot * 0.75 / 0.945], abs=0.02)
    assert negative == pytest.approx([plot * 0.9 / 0.945, plot * 0.1 / 0.945], abs=0.02)


def test_log_bars_start_at_a_power_of_ten() -> None:
    histogram = Histogram.of(FACTS)
    assert histogram is not None
    svg = histogram.panel("negative", "t", threshold=None, log=True)
    assert bars(svg) == pytest.approx([106 * (2 + math.log10(0.9)) / 2, 106 / 2], abs=0.02)
    assert {"100%", "10%", "1%"} <= {e.text for e in Page(svg).all("text")}


def test_the_threshold_is_drawn_when_it_is_in_view() -> None:
    histogram = Histogram.of(FACTS)
    assert histogram is not None
    assert 'class="cursor"' in histogram.panel("positive", "t", threshold=0.5, log=False)
    assert 'class="cursor"' not in histogram.panel("positive", "t", threshold=1.5, log=False)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        FACTS | {"edges": [0, 1]},
        FACTS | {"edges": [1, 1, 1]},
        {"edges": [0], "positive": [], "negative": []},
    ],
)
def test_what_does_not_fit_together_is_not_drawn(facts: dict[str, list[float]]) -> None:
    assert Histogram.of(facts) is None


def test_an_empty_class_draws_no_bars() -> None:
    histogram = Histogram.of(FACTS | {"positive": [0, 0]})
    assert histogram is not None
    for log in (False, True):
        assert bars(histogram.panel("positive", "t", threshold=None, log=log)) == []
