from __future__ import annotations

import pytest

from report.reading import Element, Page
from steelyard.report.charts.forest import Forest, side


def arm(low: float | None, middle: float | None, high: float | None, **more: object) -> dict[str, object]:
    return {"arm": "A & B", "difference": middle, "difference_low": low, "difference_high": high} | more


def marks(forest: Forest, row: dict[str, object]) -> list[Element]:
    return [e for e in Page(forest.strip(row)).elements if e.tag in ("circle", "rect", "path", "line")]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.02, "better"),
        (-0.02, -0.01, "worse"),
        (-0.01, 0.01, "open"),
        (0.0, 0.1, "open"),
        (None, 0.1, "open"),
    ],
)
def test_an_arm_is_better_or_worse_only_with_its_whole_interval(
    low: float | None, high: float, said: str
) -> None:
    assert side(arm(low, 0.0, high)) == said


def test_positions_by_hand() -> None:
    forest = Forest.of([arm(-0.1, 0.0, 0.1)])
    assert (forest.x.low, forest.x.high) == (pytest.approx(-0.112), pytest.approx(0.112))
    line, point = [m for m in marks(forest, arm(-0.056, 0.0, 0.056)) if "open" in m.attributes["class"]]
    assert (line.attributes["x1"], line.attributes["x2"]) == ("26.5%", "73.5%")
    assert (point.tag, point.attributes["cx"]) == ("circle", "50%")


def test_zero_is_always_in_view() -> None:
    assert Forest.of([arm(0.2, 0.3, 0.4)]).x.holds(0)
    assert Forest.of([arm(-0.4, -0.3, -0.2)]).x.holds(0)
    assert Forest.of([]).x.holds(0)


def test_an_arm_far_away_becomes_an_arrow_and_squeezes_nobody() -> None:
    rows = [arm(-0.01 + g, g, 0.01 + g) for g in (-0.01, -0.005, 0.0, 0.005, 0.01)]
    far = arm(-0.4, -0.35, -0.3)
    forest = Forest.of([*rows, far])
    assert forest.x.low > -0.05
    drawn = marks(forest, far)
    assert [m.attributes["class"] for m in drawn if m.tag == "path"] == ["arrow worse"]
    assert not [m for m in drawn if m.tag == "circle"]


def test_controls_are_squares_and_stopped_arms_fade() -> None:
    forest = Forest.of([arm(-0.1, 0.0, 0.1)])
    assert [
        m.tag for m in marks(forest, arm(-0.1, 0, 0.1, control=True)) if "point" in m.attributes["class"]
    ] == ["rect"]
    stopped = marks(forest, arm(-0.1, 0, 0.1, status="stopped"))
    assert all("stopped" in m.attributes["class"] for m in stopped if "open" in m.attributes["class"])


def test_a_strip_says_its_figures() -> None:
    title = Page(Forest.of([], digits=2).strip(arm(-0.1, 0.05, 0.2))).elements[1].text
    assert title == "A & B: +0.05, interval −0.10 to +0.20"
    assert Forest.of([]).strip(arm(None, None, None)) == ""


def test_the_axis_says_which_side_is_better() -> None:
    page = Page(Forest.of([arm(-0.1, 0.0, 0.1)]).axis())
    texts = [e.text for e in page.all("text")]
    assert texts == ["−0.10", "−0.05", "0", "+0.05", "+0.10", "← worse", "better →"]
