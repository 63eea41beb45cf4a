from __future__ import annotations

import pytest

from report.drawn import false_alarms, hits, scores
from report.facts import binary
from steelyard.core import DataError
from steelyard.report.curve import Curve, curve_of, flagged


def part(**changes: object) -> dict[str, object]:
    """Two positives and three negatives; the rule flags two rows."""
    binary = {
        "threshold": 0.5, "positives": 2, "negatives": 3,
        "curve": {"threshold": [0.9, 0.6, 0.4, 0.2], "tp": [1, 1, 2, 2], "fp": [0, 1, 1, 3]},
    }  # fmt: skip
    return {"confusion": {"labels": ["n", "y"], "matrix": [[2, 1], [1, 1]]}, "binary": binary | changes}


def test_rates_by_hand() -> None:
    curve = curve_of(part())
    assert curve is not None
    assert curve.thresholds == [None, 0.9, 0.5, 0.4, 0.2]
    assert (curve.start, curve.exact) == (2, True)
    assert curve.recall == [0, 0.5, 0.5, 1, 1]
    assert curve.precision == [None, 1, 0.5, pytest.approx(2 / 3), 0.4]
    assert curve.f1 == [0, pytest.approx(2 / 3), 0.5, 0.8, pytest.approx(4 / 7)]
    assert curve.false_alarm_rate == [0, 0, pytest.approx(1 / 3), pytest.approx(1 / 3), 1]
    assert curve.costs(1, 10) == [4000, 2000, 2200, 200, 600]
    assert curve.prevalence == 0.4


def test_a_rule_between_listed_cuts_becomes_one() -> None:
    test = part(curve={"threshold": [0.9, 0.2], "tp": [1, 2], "fp": [0, 3]})
    curve = curve_of(test)
    assert curve is not None
    assert curve.thresholds == [None, 0.9, 0.5, 0.2]
    assert (curve.tp[curve.start], curve.fp[curve.start]) == (1, 1)


def test_a_rule_that_is_no_threshold_starts_at_as_many_flags() -> None:
    curve = curve_of(part(threshold=None))
    assert curve is not None
    assert (curve.start, curve.exact) == (2, True)
    away = part(threshold=None)
    away["confusion"] = {"labels": ["n", "y"], "matrix": [[1, 2], [2, 0]]}
    curve = curve_of(away)
    assert curve is not None
    assert (curve.start, curve.exact) == (2, False)


def test_without_a_matrix_the_threshold_decides_where_to_start() -> None:
    test = part() | {"confusion": None}
    curve = curve_of(test)
    assert curve is not None
    assert (curve.thresholds[curve.start], curve.exact) == (0.6, False)


def test_weighted_rows_take_their_totals_from_the_matrix() -> None:
    third = 1 / 3
    test = part(curve={"threshold": [0.9, 0.2], "tp": [0.1 + 0.2, 1.0], "fp": [third, 2.0]})
    test["confusion"] = {"labels": ["n", "y"], "matrix": [[2 - third, third], [0.7, 0.3]]}
    curve = curve_of(test)
    assert curve is not None
    assert (curve.positives, curve.negatives) == (pytest.approx(1), pytest.approx(2))
    assert (curve.start, len(curve.tp)) == (1, 3)


@pytest.mark.parametrize(
    "test",
    [
        {}, {"binary": None}, {"binary": {"positives": 1, "negatives": 1}},
        {"binary": {"positives": 0, "negatives": 3, "curve": {"threshold": [1], "tp": [0], "fp": [1]}}},
        {"binary": {"positives": 1, "negatives": 3, "curve": {"threshold": [None], "tp": [0], "fp": [1]}}},
    ],
)  # fmt: skip
def test_no_curve_without_both_classes_and_cuts(test: dict[str, object]) -> None:
    assert curve_of(test) is None


def test_columns_of_unlike_length_are_an_error() -> None:
    with pytest.raises(DataError, match=r"differ in length \(2, 1, 2\)"):
        curve_of(part(curve={"threshold": [0.9, 0.2], "tp": [1], "fp": [0, 3]}))


def test_long_curves_are_thinned_and_keep_their_end() -> None:
    n = 10_000
    cuts = [1 - i / n for i in range(n)]
    test = {
        "binary": {
            "positives": n,
            "negatives": n,
            "curve": {"threshold": cuts, "tp": list(range(1, n + 1)), "fp": list(range(n))},
        }
    }
    curve = curve_of(test)
    assert curve is not None
    assert len(curve.tp) < 1300
    assert curve.tp[-1] == n


def test_counts_are_those_of_the_scores() -> None:
    y, p = scores()
    curve = curve_of(binary(3)["test"])
    assert isinstance(curve, Curve)
    for i in range(1, len(curve.tp), 97):
        assert curve.tp[i] == hits(y, p, curve.thresholds[i])
        assert curve.fp[i] == false_alarms(y, p, curve.thresholds[i])


def test_flagged_needs_two_by_two_numbers() -> None:
    assert flagged({"confusion": {"matrix": [[5, 2], [1, 3]]}}) == (3, 2)
    assert flagged({"confusion": {"matrix": [[5, None], [1, 3]]}}) is None
    assert flagged({"confusion": {"matrix": [[5, 1, 0], [1, 3, 0], [0, 0, 0]]}}) is None
