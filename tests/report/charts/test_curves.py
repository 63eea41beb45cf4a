"""Precision–recall, ROC and threshold charts of five rows, checked point by point."""

from __future__ import annotations

import math

import pytest

from report.reading import Page
from steelyard.report.charts.cuts import Cuts
from steelyard.report.charts.precision_recall import precision_recall
from steelyard.report.charts.roc import roc
from steelyard.report.curve import Curve

CURVE = Curve([None, 0.9, 0.5, 0.4, 0.1], [0, 1, 1, 2, 2], [0, 0, 1, 1, 3], 2, 3, 2, True)


def drawn(svg: str, kind: str) -> str:
    (found,) = [e for e in Page(svg).all("path") if e.attributes.get("class") == kind]
    return found.attributes["d"]


def test_precision_over_recall_goes_in_steps() -> None:
    # recall 0, .5, .5, 1, 1 lies at 48, 197, 346; precision 1, .5, 2/3, .4 at 22, 125, 90.7, 145.6
    svg = precision_recall(CURVE, (1, 1))
    assert drawn(svg, "curve model") == "M48 22H197V125V90.7H346V145.6"
    point = next(e for e in Page(svg).all("circle") if e.attributes["class"] == "point chosen")
    assert (point.attributes["cx"], point.attributes["cy"]) == ("197", "125")
    assert "recall 0.50, precision 0.50" in svg
    assert "no skill 40.0%" in svg


def test_roc_joins_the_corners() -> None:
    svg = roc(CURVE, (1, 1))
    assert drawn(svg, "curve model") == "M48 228L48 125L147.3 125L147.3 22L346 22"
    assert "false positive rate 0.333, true positive rate 0.50" in svg


@pytest.mark.parametrize("choice", [None, (0.0, 0.0)])
def test_a_rule_that_flags_nothing_has_no_precision_to_mark(choice: tuple[float, float] | None) -> None:
    assert "point chosen" not in precision_recall(CURVE, choice)


def test_thresholds_lie_on_a_log_odds_axis() -> None:
    cuts = Cuts.of(CURVE)
    assert cuts.span == (0.1, 0.9)
    nine = math.log(9)
    where = 48 + 298 * (math.log(0.4 / 0.6) + nine) / (2 * nine)
    assert cuts.x == [346, 346, 197, round(where, 1), 48]


def test_costs_and_their_axis() -> None:
    cuts = Cuts.of(CURVE)
    values = CURVE.costs(1, 10)
    assert values == [4000, 2000, 2200, 200, 600]
    assert cuts.top(values) == pytest.approx(1.6 * 2200)
    page = Page(cuts.costs(1, 10))
    line = page.by_id("cost-idle").attributes
    assert float(line["y1"]) == pytest.approx(228 - 206 * 600 / 3520, abs=0.01)
    assert page.by_id("cursor-cost").attributes["x1"] == "197"
    assert "cost 2,200" in page.all("desc")[0].text


def test_all_three_qualities_are_drawn() -> None:
    page = Page(Cuts.of(CURVE).qualities())
    names = ["line-precision", "line-recall", "line-f1"]
    assert [e.attributes["id"] for e in page.all("path")] == names
    assert page.by_id("line-recall").attributes["d"].startswith("M346.0 228.0L346.0 125.0")


def test_one_threshold_is_enough_for_an_axis() -> None:
    flat = Curve([None, 0.3], [0, 2], [0, 3], 2, 3, 1, True)
    cuts = Cuts.of(flat)
    assert cuts.span[0] < 0.3 < cuts.span[1]
    assert "NaN" not in cuts.qualities()


def test_certain_scores_stay_on_the_axis() -> None:
    sure = Curve([None, 1.0, 0.5, 0.0], [0, 1, 1, 2], [0, 0, 1, 3], 2, 3, 1, True)
    assert all(48 <= x <= 346 for x in Cuts.of(sure).x)


def test_very_rare_positives_get_an_axis_of_their_own() -> None:
    rare = Curve([None, 0.01, 1e-4, 5e-6, 1e-9], [0, 1, 1, 2, 2], [0, 9, 99, 999, 9998], 2, 9998, 1, True)
    cuts = Cuts.of(rare)
    assert cuts.span == (5e-6, 0.01)
    assert cuts.x[-1] == 48
    assert "0.00001" in [e.text for e in Page(cuts.qualities()).all("text")]
