"""Lines with bands, and places with intervals."""

from __future__ import annotations

import pytest

from report.reading import Page
from steelyard.report.charts.lines import Line, line_chart
from steelyard.report.charts.places import Place, places


def _numbers(path: str) -> list[float]:
    return [float(part) for part in path.strip("MZ").replace("L", " ").split()]


def test_a_line_runs_through_its_points_inside_its_band() -> None:
    line = Line("up <b>", [(0, 0.0), (1, 1.0)], [(-0.5, 0.5), (0.5, 1.5)])
    page = Page(line_chart("c", "t", [line, Line("flat", [(0, 0.2), (1, 0.2)])], x_title="x", y_title="y"))
    paths = {e.attributes["class"]: _numbers(e.attributes["d"]) for e in page.all("path")}
    assert set(paths) == {"band model", "curve model", "curve rare"}
    (x0, y0, x1, y1), band = paths["curve model"], paths["band model"]
    assert x0 < x1
    assert y0 > y1
    # upper edge forth, lower edge back; the middle of both is the line
    assert band[::2] == [x0, x1, x1, x0]
    assert (band[1] + band[7]) / 2 == pytest.approx(y0, abs=0.2)
    assert (band[3] + band[5]) / 2 == pytest.approx(y1, abs=0.2)
    assert page.all("line")[-1].attributes["class"] == "zero"
    assert "up <b>" in [e.text for e in page.all("text")]


def test_a_single_point_is_no_trouble() -> None:
    page = Page(line_chart("c", "t", [Line("one", [(3, 2.0)])], x_title="x", y_title="y"))
    assert [e.attributes["class"] for e in page.all("path")] == ["curve model"]


def test_places_stand_on_the_axis_of_ranks() -> None:
    rows = [Place("tree", 1.0, 1.0, 1.5), Place("net", 3.0, 2.5, 3.0)]
    page = Page(places("c", "t", rows, worst=3, axis="mean rank"))
    first, second = (float(e.attributes["cx"]) for e in page.all("circle"))
    ends = [e.attributes for e in page.all("line") if e.attributes["class"] == "interval"]
    assert float(ends[0]["x1"]) == first
    assert float(ends[0]["x2"]) - first == pytest.approx((second - first) / 4, abs=0.02)
    assert [e.text for e in page.all("circle")] == ["tree: 1.00 (1.00 to 1.50)", "net: 3.00 (2.50 to 3.00)"]


def test_names_of_lines_that_end_together_stand_apart() -> None:
    lines = [Line(name, [(0, i / 3), (1, 1.0)]) for i, name in enumerate("abc")]
    texts = Page(line_chart("c", "t", lines, x_title="x", y_title="y")).all("text")
    heights = {e.text: float(e.attributes["y"]) for e in texts if e.text in set("abc")}
    assert heights["b"] - heights["a"] == heights["c"] - heights["b"] == 13
    assert heights["a"] > 10
