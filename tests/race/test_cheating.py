"""Attempts to cheat the evaluation: each is caught or impossible."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import steelyard
from steelyard.core.progress import Log
from steelyard.decide import Goal
from steelyard.race.arms import NOTHING, Arm, learners
from steelyard.race.clock import Clock
from steelyard.race.engine import Race
from steelyard.race.levels import plan_levels
from steelyard.race.options import Options
from steelyard.race.prepare import prepare
from steelyard.race.problem import Columns, Problem
from steelyard.race.request import Request, as_source
from worlds import logistic_world

QUICK = {
    "learners": ("logistic",),
    "remedies": (),
    "folds": 3,
    "repeats": 1,
    "max_fits": 12,
    "jobs": 1,
    "progress": False,
}


def _request(frame: pd.DataFrame, **columns: str) -> Request:
    return Request(as_source(frame, None), Columns(target="y", **columns), {}, Options())


def test_a_copy_of_the_target_is_a_suspect_and_can_be_dropped() -> None:
    frame = logistic_world(1500, prevalence=0.1, strength=0.5).frame
    frame["copy"] = frame["y"] * 7 + 1
    told = steelyard.run(frame, target="y", **QUICK)
    suspects = [f for f in told.facts["findings"] if f["level"] == "suspect"]
    assert any("copy" in f["columns"] for f in suspects)
    cleaned = steelyard.run(frame, target="y", drop_suspects=True, **QUICK)
    assert "copy" in cleaned.facts["data"]["dropped"]
    ap = "average_precision"
    assert told.facts["test"]["metrics"][ap]["value"] > 0.99
    assert cleaned.facts["test"]["metrics"][ap]["value"] < 0.6


def test_noise_cannot_look_good_whatever_the_remedy() -> None:
    """Resampling before a split, or a threshold tuned on its own rows, would make noise look like signal."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(1200, 10)), columns=list("abcdefghij"))
    frame["y"] = (rng.random(1200) < 0.05).astype(int)
    answer = steelyard.run(
        frame,
        target="y",
        **{**QUICK, "remedies": ("SMOTE", "RandomOverSampler", "SMOTETomek"), "max_fits": 40},
    )
    scores = answer.results_.dropna(subset=["score"])
    assert scores.score.max() < 0.15
    assert scores.metric_roc_auc.max() < 0.68


def test_a_group_never_straddles_the_final_part_or_a_fold() -> None:
    frame = logistic_world(900, prevalence=0.2).frame.assign(who=lambda f: np.arange(len(f)) % 45)
    parts = prepare(_request(frame, group="who"))
    assert not set(parts.train.groups) & set(parts.test.groups)
    for level in plan_levels(parts.train, Options()):
        for fold in level.folds:
            assert not set(parts.train.groups[fold.train]) & set(parts.train.groups[fold.test])


def test_the_future_never_teaches_the_past() -> None:
    frame = logistic_world(900, prevalence=0.2).frame
    frame["when"] = np.random.default_rng(0).integers(0, 300, len(frame))
    parts = prepare(_request(frame, time="when"))
    assert parts.train.time.max() < parts.test.time.min()
    for level in plan_levels(parts.train, Options()):
        for fold in level.folds:
            assert parts.train.time[fold.train].max() < parts.train.time[fold.test].min()


def test_copies_of_a_row_stay_on_one_side() -> None:
    frame = logistic_world(800, prevalence=0.2).frame
    frame = pd.concat([frame, frame.iloc[:60]], ignore_index=True)
    parts = prepare(_request(frame))
    keys = [set(map(tuple, part.X.astype(str).to_numpy().tolist())) for part in (parts.train, parts.test)]
    assert not keys[0] & keys[1]


def test_the_final_part_plays_no_role_in_any_choice(tmp_path) -> None:
    """Scrambling the final rows changes their judgement and nothing else."""
    frame = logistic_world(1200, prevalence=0.15).frame
    parts = prepare(_request(frame))
    taken = pd.util.hash_pandas_object(parts.test.X, index=False)
    rows = pd.util.hash_pandas_object(frame.drop(columns="y"), index=False)
    final = rows.isin(taken).to_numpy()
    scrambled = frame.copy()
    scrambled.loc[final, "noise"] += 100
    one, two = (steelyard.run(f, target="y", **QUICK) for f in (frame, scrambled))
    keep = [c for c in one.results_.columns if c != "seconds"]
    pd.testing.assert_frame_equal(one.results_[keep], two.results_[keep])
    assert one.best_.rule == two.best_.rule


def test_an_arm_is_fitted_on_training_rows_only(tmp_path) -> None:
    """The encoder and the learner meet exactly the training rows of their fold."""
    seen: list[int] = []
    frame = logistic_world(600, prevalence=0.2).frame
    problem = Problem.of_table(frame, Columns(target="y"))
    race = Race(
        problem,
        Goal.of(metric="f1"),
        Options(learners=("logistic",), remedies=(), folds=3, repeats=1, max_fits=3, jobs=1),
        work=tmp_path,
        clock=Clock(None),
        log=Log(),
    )
    result = race.run()
    arm = Arm(NOTHING, learners(("logistic",))[0])
    for number, fold in enumerate(race.levels[0].folds):
        raw = result.outcomes.raw(arm, 0)[number]
        seen.append(len(raw.y))
        assert np.array_equal(raw.y, problem.y[fold.test])
        assert not set(fold.train) & set(fold.test)
    assert sum(seen) == problem.n


@pytest.mark.parametrize("column", ["y", "target_copy"])
def test_the_target_is_never_among_the_features(column) -> None:
    frame = logistic_world(300, prevalence=0.2).frame.rename(columns={"y": column})
    problem = Problem.of_table(frame, Columns(target=column))
    assert column not in problem.X.columns
