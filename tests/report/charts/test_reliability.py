from __future__ import annotations

import pytest

from report.reading import Page
from steelyard.report.charts.reliability import Bin, bins_of, limits, reliability


def test_bins_without_figures_are_left_out_and_sorted() -> None:
    facts = {
        "predicted": [0.5, None, 0.1], "observed": [0.4, 0.3, 0.2], "low": [None, 0, 0.1], "high": [0.6, 0, None],
        "count": [10, 10, 10],
    }  # fmt: skip
    assert bins_of(facts) == [Bin(0.1, 0.2, 0.1, 0.2, 10), Bin(0.5, 0.4, 0.4, 0.6, 10)]
    assert bins_of({}) == []


def test_axes_bend_only_when_points_crowd_near_zero() -> None:
    even = [Bin(v, v, v, v, 1) for v in (0.1, 0.3, 0.5, 0.7)]
    rare = [Bin(v, v, v, v, 1) for v in (0.001, 0.002, 0.004, 0.5)]
    assert limits(even) == (pytest.approx(0.728), False)
    assert limits(rare, []) == (pytest.approx(0.52), True)
    assert limits([], []) == (1.0, False)


def test_a_point_on_the_diagonal_lies_on_it() -> None:
    for crowded in (False, True):
        page = Page(
            reliability("c", "t", [Bin(0.25, 0.25, 0.2, 0.3, 9)], top=1.0, crowded=crowded, kind="after")
        )
        point = page.all("circle")[0].attributes
        across = (float(point["cx"]) - 48) / 298
        up = (288 - float(point["cy"])) / 266
        assert across == pytest.approx(up, abs=1e-3)
        assert across == pytest.approx(0.5 if crowded else 0.25, abs=1e-3)


def test_each_bin_has_its_interval() -> None:
    bins = [Bin(0.2, 0.3, 0.1, 0.5, 9), Bin(0.6, 0.6, 0.4, 0.8, 9)]
    page = Page(reliability("c", "t", bins, top=1.0, crowded=False, kind="before"))
    lines = [e.attributes for e in page.all("line") if e.attributes["class"] == "interval before"]
    heights = [float(line["y1"]) - float(line["y2"]) for line in lines]
    assert heights == pytest.approx([0.4 * 266, 0.4 * 266], abs=0.02)
