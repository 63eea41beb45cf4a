"""What each section says about known facts, read back from the page's own elements."""

from __future__ import annotations

from functools import cache

import pytest

from report import facts as builders
from report.reading import Page
from steelyard.report import render
from steelyard.report.facts import checked
from steelyard.report.sections.classes import classes
from steelyard.report.sections.failures import failures
from steelyard.report.sections.groups import slices
from steelyard.report.sections.operating import costs_of, embedded, operating
from steelyard.report.sections.race import race
from steelyard.report.sections.repeat import repeat
from steelyard.report.sections.summary import SILENT, summary


@cache
def page() -> Page:
    return Page(render(builders.binary()))


def test_the_verdict_comes_first_and_whole() -> None:
    said = [p.text for p in page().by_id("summary").all("p")]
    assert said == builders.binary()["verdict"]


def test_tiles_carry_the_operating_point() -> None:
    facts = builders.binary(3)
    (_, fp), (fn, tp) = facts["test"]["confusion"]["matrix"]
    notes = {tile["label"]: tile["note"] for tile in summary(checked(facts))["tiles"]}
    assert notes["recall"] == f"{tp} of {tp + fn} positives found"
    assert notes["precision"] == f"{tp} of {tp + fp} flagged rows are positive"
    assert notes["rows"] == "2 classes, 1 : 12.4 rarest to commonest"


def test_a_silent_run_says_so() -> None:
    assert summary(checked({"schema": 1}))["sentences"] == [SILENT]


def test_data_shows_both_parts_and_marks_the_positive_class() -> None:
    rows = page().table("Rows per class")
    assert rows[1][0] == "0"
    assert rows[1][2:] == ["92.5%", "7,404", "1,851"]
    assert rows[2][0] == "1 positive"
    assert rows[2][2:] == ["7.5%", "596", "149"] or rows[2][2:] == ["7.4%", "596", "149"]


def test_findings_come_gravest_first() -> None:
    levels = [e.text for e in page().all("span") if e.attributes.get("class") == "level"]
    assert levels == ["suspect", "warning", "info"]


def test_measures_and_the_level_without_skill() -> None:
    assert page().table("Counts")[1] == ["imbalance ratio", "12.4", "commonest over rarest class"]
    assert page().table("No-skill level")[1] == ["average precision", "0.074"]


def test_label_errors_name_the_classes() -> None:
    facts = builders.binary(3)
    facts["classes"] = ["no", "yes"]
    facts["diagnosis"]["label_errors"] = [{"row": 1234, "given": 0, "suggested": 1, "margin": 0.61}]
    assert Page(render(facts)).table("Labels to look at")[1] == ["1,234", "no", "yes", "0.610"]


def test_the_race_is_ranked_and_shows_every_arm_that_ran() -> None:
    facts = builders.binary()
    rows = page().table("All arms, ranked")[1:-1]
    assert [row[0] for row in rows] == [str(rank) for rank in range(1, 25)]
    by_arm = {row[1]: row for row in rows}
    chosen = next(arm for arm in facts["race"]["rows"] if arm["chosen"])
    shown = by_arm[f"{chosen['arm']} chosen control"]
    assert shown[3] == "0.000"
    assert shown[4] == "0.4100.382 to 0.438"
    assert by_arm["prior only control"][3] == "−0.336−0.364 to −0.307"
    assert by_arm["prior only control"][5] == "0%"


def test_arms_without_a_rank_come_last_and_failed_ones_stay_out() -> None:
    facts = builders.binary(4)
    facts["race"]["rows"][0] |= {"rank": None, "status": "stopped", "difference": None, "score": None}
    facts["race"]["rows"][1] |= {"status": "failed", "reason": "no memory"}
    shown = race(checked(facts))
    assert shown is not None
    assert len(shown["table"].rows) == 2  # an arm that never ran has nothing to show; the failures name it
    assert shown["pairs"][0] == ("arms", "2 raced, 1 not reached, 1 failed or declined")
    assert (shown["late"], shown["out"]) == (1, 1)
    told = {row.cells[0].text: row.cells[1].text for row in failures(checked(facts))["table"].rows}
    assert told[facts["race"]["rows"][0]["arm"]] == "stopped early"


def test_all_metrics_of_all_arms_have_their_direction() -> None:
    head = page().table("Mean over folds")[0]
    assert head[1:4] == ["average precision ↑", "ROC-AUC ↑", "log loss ↓"]


def test_the_final_test_stands_beside_doing_nothing() -> None:
    rows = page().table("Figures on the final test part")
    value = builders.binary(3)["test"]["metrics"]["average_precision"]
    assert rows[1][0] == "average precision goalmore is better"
    assert rows[1][2].startswith(f"{value['value']:.3f}")
    assert rows[1][3] == f"{value['nothing']:.3f}"
    assert len(rows) == 11


@pytest.mark.parametrize("name", ["binary", "cost"])
def test_the_panel_starts_at_the_chosen_rule(name: str) -> None:
    facts = getattr(builders, name)()
    (tn, fp), (fn, tp) = facts["test"]["confusion"]["matrix"]
    read = Page(render(facts))
    shown = {key: read.by_id(f"m-{key}").text for key in ("tn", "fp", "fn", "tp")}
    assert shown == {"tn": f"{tn:,}", "fp": f"{fp:,}", "fn": f"{fn:,}", "tp": f"{tp:,}"}
    assert float(read.by_id("f-precision").text) == pytest.approx(tp / (tp + fp), abs=5e-4)
    assert float(read.by_id("f-f1").text) == pytest.approx(2 * tp / (2 * tp + fp + fn), abs=5e-4)
    data = read.embedded()
    assert (data["tp"][data["start"]], data["fp"][data["start"]]) == (tp, fp)
    assert len(data["x"]) == len(data["tp"]) == len(data["threshold"])


def test_costs_are_the_goals_or_the_imbalance_ratio() -> None:
    given = operating(checked(builders.cost()))
    assert given is not None
    assert given["costs"] == {"fp": "5", "fn": "120", "note": ""}
    assert given["state"]["bayes"] == "0.0400"
    made = operating(checked(builders.binary(3)))
    assert made is not None
    assert made["costs"]["fn"] == "12"
    assert made["costs"]["note"].startswith("No costs were given")


def test_costs_by_row_are_said_to_be_so() -> None:
    facts = checked(builders.cost())
    facts["goal"] |= {"cost_fp": None}
    from steelyard.report.curve import curve_of

    curve = curve_of(facts["test"])
    assert curve is not None
    assert costs_of(facts, curve)[2].startswith("The run's costs differ by row")


def test_embedded_data_cannot_leave_its_element() -> None:
    text = embedded({"a": "</script><!--&\u2028\u2029"})
    assert not set("<>&\u2028\u2029") & set(text)
    page = Page(f'<script id="operating-data">{text}</script>')
    assert page.embedded() == {"a": "</script><!--&\u2028\u2029"}


def test_curves_as_figures_run_from_none_to_all_flagged() -> None:
    rows = page().table("Points of the curves")
    assert rows[1][0] == "above all"
    assert rows[-1][3] == "1.000"
    assert 15 <= len(rows) <= 22


def test_calibration_per_arm_before_and_after() -> None:
    rows = {row[0]: row[2:] for row in page().table("Mean predicted probability over observed")[1:-1]}
    assert len(rows) == 24
    assert rows["prior only control"] == ["1.00", "1.00"]


def test_calibration_bins_are_shown_as_figures() -> None:
    bins = builders.binary(3)["test"]["binary"]["calibration"]
    rows = page().table("After: prior undone, calibrated")
    assert len(rows) == 11
    assert rows[-1][:2] == [f"{bins['predicted'][-1]:.3f}", f"{bins['observed'][-1]:.3f}"]
    assert rows[-1][4] == "200"


def test_histogram_counts_add_up() -> None:
    rows = page().table("Rows per bin")[1:]
    assert sum(int(row[2].replace(",", "")) for row in rows) == 149
    assert sum(int(row[3].replace(",", "")) for row in rows) == 1851


def test_classes_are_listed_commonest_first_with_their_confusions() -> None:
    facts = builders.multiclass()
    read = Page(render(facts))
    rows = read.table("Each class of the final test part")[1:]
    assert [row[0] for row in rows] == [
        "normal",
        "back",
        "satan",
        "ipsweep",
        "portsweep",
        "warez client",
        "teardrop",
    ]
    matrix = facts["test"]["confusion"]["matrix"]
    worst = max(matrix[i][j] for i in range(7) for j in range(7) if i != j)
    assert read.table("The commonest confusions")[1][2] == f"{worst:,}"
    assert read.table("Rows by true class")[1][1:] == [f"{value:,}" for value in matrix[0]]


def test_a_crowd_of_classes_gets_its_mistakes_instead_of_a_map() -> None:
    shown = classes(checked(builders.multiclass(60, rows=6000)))
    assert shown is not None
    assert shown["chart"] == ""
    assert shown["crowd"] == 60
    assert shown["mistakes"] is not None


def test_a_matrix_that_is_not_square_is_not_drawn() -> None:
    facts = builders.multiclass()
    facts["test"]["confusion"]["matrix"].pop()
    shown = classes(checked(facts))
    assert shown is not None
    assert shown["chart"] == ""


def test_small_groups_are_marked() -> None:
    rows = page().table("By travel_type_id")
    assert rows[1][1] == "1,559"
    assert rows[3][0] == "3 few positives"
    assert [row[0] for row in rows[1:3]] == ["1", "2"]


def test_slices_of_many_classes_count_no_positives() -> None:
    facts = builders.multiclass()
    facts["slices"] = builders.binary(3)["slices"]
    shown = slices(checked(facts))
    assert shown is not None
    assert "positives" not in [column.title for column in shown["table"].columns]


def test_failures_name_each_arm_once_with_its_reason() -> None:
    facts = builders.binary(6)
    facts["race"]["rows"][2] |= {"arm": "twice", "status": "failed", "reason": None}
    facts["race"]["rows"][3] |= {"arm": "shy", "status": "declined", "reason": "binary only; got 7 classes"}
    facts["failures"] = [{"arm": "twice", "reason": "ran out of memory"}, {"arm": "alone", "reason": None}]
    shown = failures(checked(facts))
    assert shown is not None
    said = [tuple(str(cell.text) for cell in row.cells) for row in shown["table"].rows]
    assert said[:3] == [
        ("twice", "failed", "ran out of memory"),
        ("alone", "failed", "no reason was recorded"),
        ("shy", "declined", "binary only; got 7 classes"),
    ]
    assert ("prior only", "clearly worse", "gain −0.336 (−0.364 to −0.307) over doing nothing") in said


def test_a_run_without_failures_says_so() -> None:
    shown = failures(checked({"schema": 1}))
    assert shown is None or shown["table"] is None
    assert "No arm failed" in Page(render({"schema": 1, "race": {"rows": []}})).by_id("failures").text


def test_all_that_repeats_a_run() -> None:
    text = page().by_id("repeat").text
    for known in (
        "steelyard run taxi --budget 2 --seed 0",
        "9f86d081884c",
        "1 min 32 s",
        "scikit-learn",
        "1.9.1",
    ):
        assert known in text
    assert repeat(checked({"schema": 1})) is None
