from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.reading import Page
from steelyard.report.drawing import (
    Frame,
    Scale,
    element,
    label,
    logit,
    path_of,
    picture,
    plain,
    tick_texts,
    ticks,
)


def test_attributes_and_texts_are_escaped() -> None:
    made = element(
        "text", "</text><script>", element("b", "&"), class_='"onload="x', data_box=None, stroke_width=1.5
    )
    assert made == (
        '<text class="&#34;onload=&#34;x" stroke-width="1.5">&lt;/text&gt;&lt;script&gt;<b>&amp;</b></text>'
    )


@given(st.text(), st.text())
def test_no_text_adds_an_element_or_an_attribute(text: str, value: str) -> None:
    page = Page(element("svg", text, id=value))
    assert [(e.tag, list(e.attributes)) for e in page.elements] == [("svg", ["id"])]


def test_a_scale_maps_its_ends_and_clamps() -> None:
    scale = Scale(0, 10, 100, 200)
    assert [scale(0), scale(5), scale(10), scale(-1), scale(11)] == [100, 150, 200, 100, 200]
    assert Scale(3, 3, 0, 10)(3) == 5
    assert not scale.holds(10.1)


def test_bent_scales() -> None:
    assert Scale(0.01, 0.99, 0, 100, logit)(0.5) == pytest.approx(50)
    assert Scale(1, 100, 0, 100, math.log)(10) == pytest.approx(50)
    assert Scale(0, 1, 0, 100, math.sqrt)(0.25) == pytest.approx(50)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_round_and_inside(low: float, width: float, wanted: int) -> None:
    high = low + width
    found = ticks(low, high, wanted)
    step = width / wanted
    assert all(low - 1e-6 * width - 1e-9 <= tick <= high + 1e-6 * width + 1e-9 for tick in found)
    assert len(found) <= 2 * wanted + 2
    assert len(found) >= width / (2.5 * step) - 1
    assert len(tick_texts(found)) == len(found)


def test_tick_texts_tell_neighbours_apart() -> None:
    assert tick_texts([-0.025, 0.0, 0.025]) == ["−0.025", "0", "0.025"]
    assert tick_texts([0.0, 1000.0, 2000.0]) == ["0", "1,000", "2,000"]
    assert tick_texts([0.5]) == ["0.5"]


def test_a_frame_puts_zero_at_the_lower_left() -> None:
    frame = Frame.of((0, 1), (0, 1))
    assert (frame.x(0), frame.y(0), frame.x(1), frame.y(1)) == (48, 228, 346, 22)
    assert frame.box == "48 22 346 228"
    assert frame.line([(0, 0), (1, 1)]) == "M48 228L346 22"


def test_paths() -> None:
    assert path_of([]) == ""
    assert path_of([(0, 0), (0.02, 0.02), (5, 0), (5, 7)]) == "M0 0L5 0L5 7"
    assert path_of([(0, 0), (5, 0), (5, 7), (9, 3)], steps=True) == "M0 0H5V7V3H9"


def test_labels_turn_to_where_there_is_room() -> None:
    room = Scale(0, 1, 0, 100)
    assert 'x="19"' in label("a", 10, 0, room=room)
    assert 'x="81" y="0" class="label end"' in label("a", 90, 0, room=room)


def test_a_picture_is_named_by_its_title() -> None:
    svg = Page(picture("chart", "A < B", "what it shows")).elements[0]
    assert svg.attributes["aria-labelledby"] == "chart-title"
    assert [child.text for child in svg.children] == ["A < B", "what it shows"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.001, "0"), (1.005, "1"), (-2.5, "-2.5"), (100.0, "100")]
)
def test_coordinates(value: float, text: str) -> None:
    assert plain(value) == text
