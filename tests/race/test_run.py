"""The main job against worlds whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import steelyard
from steelyard.core import DataError, UsageError
from steelyard.race import Run
from worlds import logistic_world, separable_world, three_classes

QUICK = {
    "learners": ("logistic", "lightgbm"),
    "remedies": ("inverse", "RandomUnderSampler", "SMOTE"),
    "folds": 4,
    "repeats": 1,
    "max_fits": 60,
    "jobs": 1,
    "progress": False,
}


@pytest.fixture(scope="module")
def costly(tmp_path_factory) -> Run:
    out = tmp_path_factory.mktemp("costly") / "run"
    world = logistic_world(8000, prevalence=0.05)
    return steelyard.run(world.frame, target="y", cost_fp=1, cost_fn=20, out=out, **QUICK)


def _cost(decisions, y, fp=1.0, fn=20.0):
    return np.mean(np.where(y == 1, fn * (decisions == 0), fp * (decisions == 1)))


def test_the_operating_point_costs_within_five_percent_of_the_bayes_decision(costly) -> None:
    fresh = logistic_world(60_000, prevalence=0.05, seed=99)
    decided = costly.best_.predict(fresh.frame.drop(columns="y"))
    bayes = (fresh.posterior >= 1 / 21).astype(int)
    assert _cost(decided, fresh.y) <= 1.05 * _cost(bayes, fresh.y)


def test_mean_probability_matches_prevalence(costly) -> None:
    fresh = logistic_world(60_000, prevalence=0.05, seed=98)
    p = costly.best_.predict_proba(fresh.frame.drop(columns="y"))[:, 1]
    assert 0.9 <= p.mean() / fresh.y.mean() <= 1.1


def test_the_prior_of_a_remedy_is_undone_and_shown(costly) -> None:
    rows = costly.results_
    under = rows[rows.remedy.str.contains("under", case=False) & (rows.finish == "plain")]
    assert (under.prior_before > 3).all()
    assert under.prior_after.between(0.8, 1.25).all()


def test_controls_are_always_there(costly) -> None:
    rows = costly.results_
    for remedy in ("prior only", "nothing", "averaging over folds"):
        assert (rows.remedy == remedy).any(), remedy
    assert set(rows[rows.remedy == "nothing"].finish) == {"plain", "tuned"}


def test_the_folder_holds_what_it_promises(costly) -> None:
    names = {p.name for p in costly.folder.iterdir()}
    assert {"model.skops", "model.json", "results.parquet", "report.html", "run.log"} <= names
    assert "then remedies with the best learner first" in (costly.folder / "run.log").read_text()
    card = json.loads((costly.folder / "model.json").read_text())
    for figures in card["final_test"].values():
        assert {"value", "low", "high"} <= set(figures)
    assert card["classes"] == ["0", "1"]
    assert {"schema", "operating_point", "versions", "data_hash"} <= set(card)
    assert len(pd.read_parquet(costly.folder / "results.parquet")) == len(costly.results_)


def test_a_run_read_back_predicts_the_same(costly) -> None:
    rows = logistic_world(200, seed=5).frame.drop(columns="y")
    again = Run.load(costly.folder)
    assert np.array_equal(again.best_.predict_proba(rows), costly.best_.predict_proba(rows))


def test_re_targeting_follows_a_changed_prevalence(costly) -> None:
    model = Run.load(costly.folder).best_.set_prevalence(0.2)
    fresh = logistic_world(40_000, prevalence=0.2, seed=97)
    p = model.predict_proba(fresh.frame.drop(columns="y"))[:, 1]
    assert 0.85 <= p.mean() / fresh.y.mean() <= 1.15
    decided = model.decide(np.column_stack([1 - p, p]))
    assert _cost(decided, fresh.y) <= 1.07 * _cost((fresh.posterior >= 1 / 21).astype(int), fresh.y)


def test_separable_classes_need_no_remedy() -> None:
    answer = steelyard.run(separable_world().frame, target="y", metric="f1", **QUICK)
    assert "no remedy needed" in " ".join(answer.verdict_).lower()
    assert answer.facts["chosen"]["remedy"] == "nothing"


def test_many_classes() -> None:
    frame = three_classes()
    answer = steelyard.run(frame, target="y", metric="balanced_accuracy", **QUICK)
    assert answer.best_.predict_proba(frame.drop(columns="y")).shape == (len(frame), 3)
    assert answer.facts["test"]["metrics"]["balanced_accuracy"]["value"] > 0.5
    assert set(np.unique(answer.best_.predict(frame.drop(columns="y")))) <= {"common", "rare", "rarest"}


def test_the_answer_does_not_depend_on_the_number_of_jobs() -> None:
    frame = logistic_world(1200).frame
    settings = {**QUICK, "metric": "f1", "max_fits": 40}
    one = steelyard.run(frame, target="y", **settings)
    two = steelyard.run(frame, target="y", **{**settings, "jobs": 2})
    keep = [c for c in one.results_.columns if c != "seconds"]
    pd.testing.assert_frame_equal(one.results_[keep], two.results_[keep])
    rows = frame.drop(columns="y")
    assert np.array_equal(one.best_.predict_proba(rows), two.best_.predict_proba(rows))


@pytest.mark.parametrize(
    "goal",
    [
        {"metric": "log_loss"},
        {"metric": "roc_auc"},
        {"min_precision": 0.5},
        {"min_recall": 0.8},
        {"alerts": 100},
        {"metric": "mcc"},
    ],
)
def test_every_kind_of_goal_gives_an_answer(goal) -> None:
    answer = steelyard.run(
        logistic_world(1500, prevalence=0.1).frame,
        target="y",
        **goal,
        **{**QUICK, "learners": ("logistic",), "remedies": ("RandomUnderSampler",), "max_fits": 20},
    )
    assert len(answer.verdict_) == 3
    assert answer.best_.rule["kind"]


def test_costs_per_row_from_a_column() -> None:
    frame = logistic_world(3000, prevalence=0.1).frame
    frame["amount"] = np.random.default_rng(0).lognormal(3, 1, len(frame))
    answer = steelyard.run(frame, target="y", cost_fn="amount", cost_fp=5, **QUICK)
    assert answer.best_.rule["kind"] == "row_costs"
    assert (
        answer.facts["test"]["metrics"]["mean_cost"]["value"]
        <= answer.facts["test"]["metrics"]["mean_cost"]["nothing"]
    )


def test_groups_and_time_are_respected() -> None:
    frame = logistic_world(1500, prevalence=0.15).frame
    frame["who"] = np.arange(len(frame)) % 60
    frame["when"] = np.arange(len(frame))
    by_group = steelyard.run(frame.drop(columns="when"), target="y", group="who", **QUICK)
    assert "group" in by_group.facts["data"]["split"]
    by_time = steelyard.run(frame.drop(columns="who"), target="y", time="when", **QUICK)
    assert "lat" in by_time.facts["data"]["split"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"target": "no"}, UsageError),
        ({}, UsageError),
        ({"target": "y", "positive": "7"}, UsageError),
        ({"target": "y", "weight": "no"}, UsageError),
        ({"target": "y", "learners": ("no",)}, UsageError),
        ({"target": "y", "remedies": ("no",)}, UsageError),
        ({"target": "y", "metric": "no"}, UsageError),
        ({"target": "y", "metric": "f1", "min_recall": 0.5}, UsageError),
        ({"target": "x0"}, DataError),
        ({"target": "y", "weight": "noise"}, DataError),
    ],
)
def test_bad_questions_are_answered_in_one_sentence(arguments, error, tmp_path) -> None:
    with pytest.raises(error) as caught:
        steelyard.run(logistic_world(300).frame, out=tmp_path / "out", progress=False, **arguments)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
