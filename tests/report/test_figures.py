from __future__ import annotations

import pytest

from steelyard.report.figures import (
    clipped,
    count,
    digits_for,
    duration,
    general,
    interval,
    moment,
    number,
    percent,
    ratio,
    signed,
)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "0.5", True, [1]])
def test_what_is_no_number_shows_as_a_dash(value: object) -> None:
    assert {number(value), signed(value), percent(value), count(value), ratio(value), duration(value)} == {
        "–"
    }
    assert interval(value, 1) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0004, "0.000"), (-0.0006, "−0.001"), (0.0004, "0.000"), (1234.5678, "1,234.568")]
)
def test_a_minus_needs_a_digit_to_stand_before(value: float, text: str) -> None:
    assert number(value) == text


def test_tiny_gains_carry_no_plus() -> None:
    assert signed(0.0001) == "0.000"
    assert signed(-1.5, 1) == "−1.5"
    assert interval(-0.01, 0.02, 2, sign=True) == "−0.01 to +0.02"


@pytest.mark.parametrize(
    ("widths", "digits"),
    [([0.9], 2), ([0.1], 2), ([0.0123], 3), ([0.00004], 6), ([1e-12], 6), ([300], 0), ([0.0], 3)],
)
def test_digits_follow_the_middle_interval(widths: list[float], digits: int) -> None:
    assert digits_for(widths) == digits


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-3, "−3"),
        (1e-9, "1.0e−09"),
        (0.5, "0.5"),
        (99.96, "100"),
        (1234567.8, "1,234,568"),
        (True, "yes"),
    ],
)
def test_values_of_unknown_kind(value: float, text: str) -> None:
    assert general(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50.0%"), (0.00043, "0.043%"), (-0.02, "−2.0%"), (0.9999, "100.0%"), (3e-9, "0.000000%")],
)
def test_percentages(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min"), (86400, "24 h 0 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_moments_and_long_texts() -> None:
    assert moment("2026-01-02T03:04:05") == "2 January 2026, 03:04"
    assert moment(None) == "–"
    assert len(clipped("x" * 1000)) == 300
    assert clipped(12) == "12"
