"""The small charts of table rows: bars, dots, spans, calibration in the large."""

from __future__ import annotations

import pytest

from report.reading import Page
from steelyard.report.charts.bar import bar
from steelyard.report.charts.dot import Dots
from steelyard.report.charts.in_the_large import InTheLarge
from steelyard.report.charts.span import span, span_axis


def points(svg: str) -> dict[str, float]:
    return {
        e.attributes["class"].removeprefix("point "): float(e.attributes["cx"].rstrip("%"))
        for e in Page(svg).all("circle")
    }


@pytest.mark.parametrize(("share", "width"), [(0.25, "25%"), (0, "0%"), (-1, "0%"), (2, "100%")])
def test_a_bar_is_as_long_as_its_share(share: float, width: str) -> None:
    assert Page(bar("a", share)).all("rect")[0].attributes["width"] == width


def test_a_dot_sits_on_the_shared_scale() -> None:
    dots = Dots.of([0.5, None, 0.2], reference=0.25)
    page = Page(dots.strip("recall", 0.5))
    assert points(dots.strip("recall", 0.5)) == {"chosen": 50.0}
    assert page.all("title")[0].text == "recall: 0.500 (all rows 0.250)"
    assert [e.attributes["x1"] for e in page.all("line") if e.attributes["class"] == "zero"] == ["27%"]
    assert dots.strip("recall", None) == ""


def test_values_beyond_one_stretch_the_scale() -> None:
    assert Dots.of([4.0]).x.high == 4
    assert Dots.of([0.4], least=0.0).x.high == 0.4
    assert Dots.of([], least=0.0).x.high == 1
    assert Dots.of([-0.5, 0.5]).x.low == -0.5


def test_a_span_shows_interval_and_nothing() -> None:
    svg = span("F1", 0.5, 0.4, 0.6, 0.25)
    assert points(svg) == {"nothing": 27.0, "after": 50.0}
    line = next(e.attributes for e in Page(svg).all("line") if e.attributes["class"] == "interval after")
    assert (line["x1"], line["x2"]) == ("40.8%", "59.2%")
    assert Page(svg).all("title")[0].text == "F1: 0.500, interval 0.400 to 0.600, doing nothing 0.250"


@pytest.mark.parametrize("value", [None, -0.1, 1.2])
def test_a_span_off_the_axis_is_left_to_its_number(value: float | None) -> None:
    assert span("cost", value, 0.1, 0.2, 0.3) == ""


def test_the_span_axis_runs_from_0_to_1() -> None:
    assert [e.text for e in Page(span_axis()).all("text")] == ["0", "0.5", "1"]


def test_in_the_large_is_symmetric_around_right() -> None:
    scale = InTheLarge.of([4.0, 0.25])
    where = points(scale.strip("arm", 4.0, 0.25))
    assert where["before"] - 50 == pytest.approx(50 - where["after"], abs=0.01)
    assert points(scale.strip("arm", None, 1.0)) == {"after": 50.0}


def test_in_the_large_survives_zero_and_huge_ratios() -> None:
    scale = InTheLarge.of([0.0, 1e9, None])
    assert points(scale.strip("arm", 0.0, 1e9)) == {"before": 3.0, "after": 97.0}
    assert "1×" in [e.text for e in Page(scale.axis()).all("text")]
