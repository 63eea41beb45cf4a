"""Recommendations from the packaged store: what they hold, when they warn, what they refuse."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from steelyard.cli.main import main
from steelyard.core import UsageError
from steelyard.core.progress import Log
from steelyard.data import datasets
from steelyard.decide import Goal
from steelyard.diagnose import diagnose
from steelyard.race import (
    FEATURES,
    Clock,
    Experience,
    Lesson,
    Options,
    Problem,
    Race,
    all_arms,
    by_gain,
    by_learner,
    expected_gains,
    gains_over_learner,
    learners,
    load_experience,
    missed,
    recommend,
    rehearse,
    remedies,
    table_features,
)
from worlds import logistic_world

KEYS = {arm.key for arm in all_arms(learners(), remedies())}


def _table(n: int = 300) -> pd.DataFrame:
    return logistic_world(n, prevalence=0.1).frame


def test_the_store_is_small_whole_and_of_independent_tables() -> None:
    assert len((files("steelyard.race") / "experience.parquet").read_bytes()) < 1_000_000
    store = load_experience()
    families = {info.name: info.family or info.name for info in datasets()}
    for metric in store.metrics:
        lesson = store.lesson(metric)
        assert set(lesson.arms) <= KEYS
        assert np.isfinite(lesson.folds).all()
        assert lesson.bases == tuple(families[name] for name in lesson.tables)
        assert np.isfinite(lesson.features).all(axis=1).mean() > 0.9


def test_an_arm_that_could_not_be_fitted_counts_as_the_worst() -> None:
    rows = [
        ("t", "b", arm, "brier", fold, value + fold / 10)
        for arm, value in (("nothing.a", 0.1), ("x.a", 0.3))
        for fold in (0, 1)
    ]
    rows += [("u", "c", "nothing.a", "brier", fold, 0.2) for fold in (0, 1)]
    rows += [(name, "", "features", "rows", 0, 2.0) for name in ("t", "u")]
    frame = pd.DataFrame(rows, columns=["table", "base", "arm", "metric", "fold", "value"])
    lesson = Experience(frame).lesson("brier")
    assert lesson.arms == ("nothing.a", "x.a")
    np.testing.assert_allclose(lesson.folds, [[[-0.1, -0.2], [-0.3, -0.4]], [[-0.2, -0.2], [-0.2, -0.2]]])
    assert lesson.places.tolist() == [[0.0, 1.0], [0.5, 0.5]]
    assert lesson.features[:, list(FEATURES).index("rows")].tolist() == [2.0, 2.0]
    with pytest.raises(UsageError, match="no arms were compared by roc_auc; the store knows brier"):
        Experience(frame).lesson("roc_auc")


def test_a_store_is_made_of_what_has_run() -> None:
    from tools.experience import long_table, whole

    ran = [("t", arm) for arm in ("features", "nothing", "blend", "SMOTE")]
    ran += [("u", arm) for arm in ("features", "nothing", "blend")] + [("v", "nothing")]
    trials = pd.DataFrame(ran, columns=["data", "arm"]).assign(learner="")
    kept = whole(trials, 4)
    assert set(zip(kept["data"], kept["arm"], strict=True)) == set(ran[:3] + ran[4:7])
    scores = pd.DataFrame(
        [
            ("breast-cancer", "features", "", "rows", 2.75512),
            ("breast-cancer", "prior_only", "", "f1/0", 0.5),
            ("breast-cancer", "nothing", "logistic", "f1", 0.95),
            ("breast-cancer", "nothing", "logistic", "f1/0", 0.912345),
            ("breast-cancer", "blend", "", "f1/1", 0.9),
        ],
        columns=["data", "arm", "learner", "metric", "value"],
    )
    made = long_table(scores)
    assert made[["arm", "metric", "fold"]].to_numpy().tolist() == [
        ["blend.own", "f1", 1], ["features", "rows", 0], ["nothing.logistic", "f1", 0]
    ]  # fmt: skip
    assert set(made["base"]) == {"wdbc"}
    np.testing.assert_allclose(made["value"], [0.9, 2.7551, 0.9123], rtol=1e-6)


def test_features_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "x": [*np.linspace(0, 1, 90), *np.linspace(9, 10, 10)],
            "kind": ["a", "b"] * 50,
            "y": ["common"] * 90 + ["rare"] * 10,
        }
    )
    frame.loc[:9, "x"] = np.nan
    X = frame[["x", "kind"]]
    found = table_features(X, diagnose(frame, target="y"))
    assert list(found) == list(FEATURES)
    assert (found["rows"], found["rarest"]) == (2.0, 1.0)
    assert found["ratio"] == pytest.approx(np.log10(9))
    assert found["columns"] == pytest.approx(np.log10(2))
    assert (found["categorical"], found["missing"]) == (0.5, 0.05)
    assert found["safe"] + found["borderline"] + found["rare"] + found["outlier"] == pytest.approx(1)
    assert found["auc"] > 0.9


def test_a_recommendation_names_three_arms_with_gains_and_says_how_good_it_is() -> None:
    found = recommend(_table(), target="y", positive=1)
    assert len({one.arm for one in found.arms}) == len(found.plain) == 3
    assert {one.arm for one in (*found.arms, *found.plain)} <= KEYS
    assert all(one.low <= one.gain <= one.high for one in found.arms)
    assert f"{100 * found.hindsight.hits:.0f} %" in found.verdict
    assert f"{100 * found.hindsight.plain_hits:.0f} %" in found.verdict
    assert ("are not shown to help" in found.verdict) != found.hindsight.beats
    assert str(found) == str(recommend(_table(), target="y", positive=1))


def test_other_columns_than_features_do_not_count() -> None:
    frame = _table()
    plain = recommend(frame, target="y").features
    assert recommend(frame.assign(who=np.arange(len(frame)) // 2), target="y", group="who").features[
        "columns"
    ] == pytest.approx(plain["columns"])


def test_a_table_unlike_all_others_is_warned_about() -> None:
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(60, 500))).assign(y=[0, 1] * 30)
    wide.columns = wide.columns.astype(str)
    found = recommend(wide, target="y")
    assert any(line.startswith("feature columns 500, among the tables known") for line in found.unusual)
    assert "Unusual: feature columns" in str(found)
    assert not any("imbalance ratio" in line for line in found.unusual)


def test_the_command_prints_text_or_json(tmp_path, capsys) -> None:
    _table().to_csv(tmp_path / "t.csv", index=False)
    command = ["recommend", str(tmp_path / "t.csv"), "--target", "y", "--metric", "f1"]
    with pytest.raises(SystemExit) as stop:
        main([*command, "--quiet"])
    assert stop.value.code == 0
    assert "Most likely to win by f1" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*command, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert len(told["arms"]) == 3
    assert {"hits", "plain_hits", "hits_gain", "beats"} <= set(told["hindsight"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nope.csv", "--target", "y"], 1, "there is no file"),
        (["breast-cancer", "--metric", "acuracy"], 2, "acuracy"),
        (["breast-cancer", "--metric", "lift"], 2, "no arms were compared by lift; the store knows"),
        (["breast-cancer", "--target", "nope"], 2, "no column 'nope'"),
    ],
)
def test_what_it_cannot_do_is_said_in_one_sentence(arguments, code, message, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["recommend", *arguments])
    said = capsys.readouterr().err
    assert stop.value.code == code
    assert message in said
    assert said.count("\n") == 1


def _raced(tmp_path, gains: dict[str, float], jobs: int = 1) -> list[str]:
    """The arms that ran when three of six could."""
    frame = _table(400)
    options = Options(
        learners=("logistic",),
        remedies=("inverse", "RandomUnderSampler", "RandomOverSampler", "SMOTE"),
        folds=2,
        repeats=1,
        max_fits=6,
        jobs=jobs,
    )
    problem = Problem.of_arrays(frame.drop(columns=["y", "kind"]), frame["y"].to_numpy(), positive=1)
    goal = Goal.of(metric="average_precision", n_rows=400, n_classes=2)
    place = tmp_path / f"{jobs}{sorted(gains)}"
    race = Race(problem, goal, options, work=place, clock=Clock(None), log=Log(), gains=gains)
    result = race.run()
    return [arm.key for arm in result.arms if result.reached[arm.key] >= 0 and arm.remedy.refits]


@pytest.mark.parametrize("likeliest", ["SMOTE.logistic", "inverse.logistic"])
def test_a_race_cut_short_has_run_controls_and_then_what_promises_most(tmp_path, likeliest) -> None:
    gains = {"RandomUnderSampler.logistic": -0.1, "RandomOverSampler.logistic": -0.1, likeliest: 0.2}
    ran = _raced(tmp_path, gains)
    assert set(ran) == {"nothing.logistic", "averaging.logistic", likeliest}
    assert _raced(tmp_path, gains, jobs=2) == ran


def test_what_is_missed_by_hand() -> None:
    """Alone 0.5 and 0.6, averaged 0.6; remedies reach 0.4, 0.8 and 0.9."""
    arms = ("SMOTE.a", "SMOTE.b", "inverse.b", "nothing.a", "nothing.b", "blend.own")
    folds = np.repeat(np.array([[0.4, 0.9, 0.8, 0.5, 0.6, 0.6]])[:, :, None], 2, axis=2)
    lesson = Lesson(("t",), ("t",), arms, np.zeros((1, 1)), folds)
    order = np.argsort(-by_learner(lesson, 0)[:3]).tolist()
    assert [arms[one] for one in order] == ["inverse.b", "SMOTE.b", "SMOTE.a"]
    np.testing.assert_allclose(missed(lesson, 0, by_learner(lesson, 0)), [0.1, 0.0, 0.0], atol=1e-12)
    gains = np.array([0.5, 0.3, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(missed(lesson, 0, by_gain(lesson, 0, gains)), [0.3, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(gains_over_learner(lesson), [[-0.1, 0.3, 0.2, 0.0, 0.0, 0.0]], atol=1e-12)


def _lesson(better: float, tables: int = 32) -> Lesson:
    """Two learners alike; SMOTE with either adds `better`, class weights take as much away."""
    rng = np.random.default_rng(0)
    arms = ("SMOTE.a", "SMOTE.b", "inverse.a", "inverse.b", "nothing.a", "nothing.b")
    means = np.array([better, better, -better, -better, 0, 0]) + rng.normal(scale=0.01, size=(tables, 6))
    names = tuple(f"t{place:02d}" for place in range(tables))
    folds = means[:, :, None] + rng.normal(scale=1e-3, size=(tables, 6, 3))
    return Lesson(names, names, arms, rng.normal(size=(tables, 2)), folds)


def test_an_order_is_taken_only_where_it_missed_less() -> None:
    good = rehearse(_lesson(0.2))
    assert good.helps
    assert good.missed < good.missed_by_learner
    assert not rehearse(_lesson(0.0)).helps
    few = rehearse(_lesson(0.2, tables=29))
    assert few.less[1] > 0
    assert not few.helps


def test_the_order_of_a_table_is_rehearsed_without_it() -> None:
    lesson = _lesson(0.2)
    swapped = lesson.folds.copy()
    swapped[0] = swapped[0, [2, 3, 0, 1, 4, 5]]
    odd = Lesson(lesson.tables, lesson.bases, lesson.arms, lesson.features, swapped)
    assert rehearse(odd).missed > rehearse(lesson).missed  # the others say SMOTE, and here it is wrong


def test_gains_for_the_race_come_from_the_store_or_are_said_to_be_unknown(monkeypatch) -> None:
    frame = _table()
    problem = Problem.of_arrays(frame.drop(columns="y"), frame["y"].to_numpy(), positive=1)
    goal = Goal.of(metric="brier", n_rows=problem.n, n_classes=2)
    lesson = _lesson(0.2)
    wide = np.repeat(lesson.features[:, :1], len(FEATURES), axis=1)
    known = Lesson(lesson.tables, lesson.bases, lesson.arms, wide, lesson.folds)
    monkeypatch.setattr(Experience, "lesson", lambda *_: known)
    gains, told = expected_gains(problem, None, goal)
    assert gains["SMOTE.a"] == pytest.approx(0.2, abs=0.02)
    assert "missed less" in told
    seen, _ = expected_gains(problem, diagnose(frame, target="y"), goal)
    assert set(seen) == set(gains)
    useless = _lesson(0.0)
    monkeypatch.setattr(Experience, "lesson", lambda *_: useless)
    none, told = expected_gains(problem, None, goal)
    assert none == {}
    assert "expected gains are not shown to miss less" in told
    assert "on 32 other tables" in told
    unknown, told = expected_gains(problem, None, Goal.of(min_recall=0.9, n_rows=problem.n, n_classes=2))
    assert unknown == {}
    assert "not compared" in told
