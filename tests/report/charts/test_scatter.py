"""Names in a chart of points."""

from __future__ import annotations

import re

from steelyard.report.charts.scatter import Point, scatter


def _named(points: list[Point]) -> list[str]:
    made = scatter("chart", "A chart", points, x_title="rows", y_title="recall")
    return re.findall(r'class="label[^>]*>([^<]+)<', str(made))


def test_names_that_would_lie_over_each_other_are_left_out() -> None:
    apart = [Point(1, 0.0, "first", shown=True), Point(1, 0.9, "second", shown=True)]
    assert _named(apart) == ["first", "second"]
    beside = Point(1.03, 0.01, "third", shown=True)
    assert _named([*apart, beside]) == ["first", "second"]
    assert _named([beside, *apart]) == ["third", "second"]
    # to the left of the far right's points
    assert _named([*apart, Point(1000, 0.0, "fourth", shown=True)]) == ["first", "second", "fourth"]
