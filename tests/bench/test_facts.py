"""The facts of a study's page, worked out by hand on a small table."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from steelyard.bench import StudyResults, data_traits, judge, study_facts
from steelyard.core import Claim, UsageError
from steelyard.report import render_study

ROWS = [
    ("digits/0", "baseline", 0.5), ("digits/0", "SMOTE", 0.6), ("digits/0", "threshold", 0.7),
    ("digits/1", "baseline", 0.4), ("digits/1", "SMOTE", 0.6), ("digits/1", "threshold", 0.6),
    ("digits/2", "baseline", 0.6), ("digits/2", "SMOTE", 0.5), ("digits/2", "threshold", 0.7),
]  # fmt: skip


def _results(metric: str = "f1") -> StudyResults:
    scores = pd.DataFrame([(d, a, "", 0, 0, metric, v) for d, a, v in ROWS])
    scores.columns = pd.Index(["data", "arm", "learner", "seed", "split", "metric", "value"])
    trials = pd.DataFrame(
        [(a, "done", "", 1.0) for _, a, _ in ROWS] + [("SMOTE", "failed", "ValueError: no", 0.1)] * 2,
        columns=["arm", "state", "reason", "seconds"],
    )
    return StudyResults(scores, trials, 12)


def test_ranks_gains_and_wins_are_those_of_the_table() -> None:
    facts = study_facts(_results(), metric="f1")
    rows = {row["arm"]: row for row in facts["ranking"]}
    assert [row["arm"] for row in facts["ranking"]] == ["threshold", "SMOTE", "baseline"]
    assert rows["threshold"]["rank"] == pytest.approx((1 + 1.5 + 1) / 3)
    assert rows["SMOTE"]["gain"] == pytest.approx((0.1 + 0.2 - 0.1) / 3)
    assert (rows["SMOTE"]["wins"], rows["SMOTE"]["losses"]) == (2, 1)
    assert "gain" not in rows["baseline"]
    assert facts["control"] == "baseline"
    assert facts["scores"]["values"][1] == [0.6, 0.4, 0.6]
    assert facts["failures"] == [
        {"arm": "SMOTE", "outcome": "failed", "reason": "ValueError: no", "count": 2}
    ]
    assert {row["name"]: row["rows"] for row in facts["sets"]}["digits/0"] == 1797


def test_arms_that_were_not_measured_beside_the_others_stay_out() -> None:
    results = _results()
    dose = pd.DataFrame(
        [("dose", f"ratio {n}", "", 0, 0, "f1", 1 / n) for n in (1, 5)], columns=results.scores.columns
    )
    mixed = StudyResults(pd.concat([results.scores, dose]), results.trials, 14)
    facts = study_facts(mixed, metric="f1")
    assert facts["scores"] == study_facts(results, metric="f1")["scores"]
    assert {"label": "arms", "value": "3", "note": "2 more are not on the same data sets"} in facts["tiles"]
    other = study_facts(mixed, metric="f1", control="ratio 1")
    assert (other["scores"]["sets"], other["scores"]["arms"]) == (["dose"], ["ratio 1", "ratio 5"])
    with pytest.raises(UsageError, match="none of the arms SMOTE, baseline, ratio 1"):
        study_facts(mixed, metric="f1", control="SMOTTE")
    with pytest.raises(UsageError, match="no scores of 'f2'; the study has f1"):
        study_facts(mixed, metric="f2", control="baseline")


def test_smaller_is_better_where_the_metric_says_so() -> None:
    facts = study_facts(_results("log_loss"), metric="log_loss")
    assert facts["ranking"][0]["arm"] == "baseline"
    assert facts["ranking"][0]["mean"] == pytest.approx(0.5)
    assert facts["scores"]["values"][0] == [0.6, 0.5, 0.7]
    assert (
        study_facts(_results("log_loss"), metric="log_loss", lower=False)["ranking"][0]["arm"] == "threshold"
    )


def test_facts_are_json_and_make_a_page() -> None:
    results = _results()
    verdicts = [judge(Claim("it is better", "f1", arm, "baseline"), results.scores) for arm in ("SMOTE", "x")]
    facts = study_facts(results, metric="f1", verdicts=verdicts, notes=["a note"], title="T")
    page = render_study(json.loads(json.dumps(facts, allow_nan=False)))
    for part in ("not shown", "not judged", "a note", "Mean ranks", "Where it helps", "ValueError: no"):
        assert part in page


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="the study has f1"):
        study_facts(_results(), metric="mcc")
    with pytest.raises(UsageError, match="none of the arms"):
        study_facts(_results(), metric="f1", control="nothing")


def test_tiers_are_shown_for_every_trait_that_is_known() -> None:
    results = _results()
    rows = [
        (f"digits/{i}", "the table", "", 0, 0, name, value)
        for i, overlap in enumerate((0.1, 0.3, 0.2))
        for name, value in {"overlap": overlap, "ratio": 60.0}.items()
    ]
    measured = pd.DataFrame(rows, columns=results.scores.columns)
    results = StudyResults(pd.concat([results.scores, measured]), results.trials, 12)
    facts = study_facts(results, metric="f1")
    tiers = {(tier["trait"], tier["tier"]): tier for tier in facts["tiers"]}
    assert {name: tier["sets"] for name, tier in tiers.items()} == {
        ("ratio", "over 50"): 3,
        ("rows", "1000 to 5000"): 3,
        ("overlap", "up to 0.25"): 2,
        ("overlap", "0.25 to 0.5"): 1,
    }
    assert tiers["overlap", "up to 0.25"]["means"]["threshold"] == pytest.approx((0.7 + 0.7) / 2)
    page = render_study(json.loads(json.dumps(facts, allow_nan=False)))
    for part in ("tier of imbalance ratio", "tier of rows", "tier of overlap", "over 50 (3 sets)"):
        assert part in page


def test_traits_are_known_for_packaged_two_class_sets_only() -> None:
    traits = data_traits(["digits/0", "wine", "elsewhere"])
    assert list(traits.index) == ["digits/0"]
    assert traits.loc["digits/0", "ratio"] == pytest.approx((1797 - 178) / 178)


def test_places_within_learners_are_told_where_there_are_several() -> None:
    one = _results()
    assert study_facts(one, metric="f1")["learners"] == []
    both = pd.concat(
        [one.scores.assign(learner="tree"), one.scores.assign(learner="net", value=-one.scores["value"])]
    )
    facts = study_facts(StudyResults(both, one.trials, 18), metric="f1", figures=[{"title": "own figure"}])
    firsts = {row["learner"]: row["arm"] for row in reversed(facts["learners"])}
    assert firsts == {"tree": "threshold", "net": "baseline"}
    page = render_study(json.loads(json.dumps(facts, allow_nan=False)))
    for part in ("Learner by learner", "threshold: rank by learner", "Mean rank within each learner"):
        assert part in page
    ranked = facts["ranking"][0]
    assert ranked["elo_low"] <= ranked["elo"] <= ranked["elo_high"]


def test_a_studys_own_figures_are_drawn() -> None:
    line = {"name": "own line", "points": [[1, 0.2, 0.1, 0.3], [2, 0.4, 0.3, 0.5]]}
    figures = [{"title": "own figure", "x": "steps", "y": "score", "lines": [line]}]
    page = render_study(study_facts(_results(), metric="f1", figures=figures))
    for part in ("own figure", "own line", 'class="band model"', "score against steps"):
        assert part in page


def test_one_data_set_or_two_arms_have_a_page_without_critical_difference() -> None:
    whole = _results()
    scores = whole.scores[(whole.scores["data"] == "digits/0") & (whole.scores["arm"] != "SMOTE")]
    facts = study_facts(StudyResults(scores, whole.trials, 12), metric="f1")
    assert "critical_difference" not in facts
    page = render_study(facts)
    assert "threshold" in page
    assert "chart-critical" not in page
