"""Among arms that do nothing about the imbalance the weighted average is the careful answer."""

from __future__ import annotations

import steelyard
from steelyard.metrics import corrected_interval
from steelyard.race.arms import BLEND, NOTHING, WEIGHTED, Arm, learners
from steelyard.race.choose import Standing, _order
from steelyard.race.compare import simplest_good_enough
from worlds import logistic_world

LIGHTGBM, LOGISTIC = learners(("lightgbm", "logistic"))


def standing(arm: Arm, values: list[float]) -> Standing:
    scores = {(0, fold): value for fold, value in enumerate(values)}
    mean = corrected_interval(values, test_share=0.2)
    return Standing(arm, "plain", (0,), scores, mean, mean)


def chosen(*finalists: Standing) -> Arm:
    best, _ = simplest_good_enough(
        {one.key: list(one.scores.values()) for one in finalists},
        {one.key: (one.arm.remedy.rank, _order(one, list(finalists), 1)) for one in finalists},
        sign=1,
        test_share=0.2,
    )
    return next(one.arm for one in finalists if one.key == best)


def test_a_luckier_learner_within_one_standard_error_does_not_replace_the_average() -> None:
    lucky = standing(Arm(NOTHING, LIGHTGBM), [0.71, 0.50, 0.63, 0.58])
    average = standing(Arm(WEIGHTED), [0.62, 0.56, 0.60, 0.58])
    assert chosen(lucky, average) == average.arm


def test_a_learner_better_by_more_does() -> None:
    better = standing(Arm(NOTHING, LIGHTGBM), [0.71, 0.66, 0.70, 0.68])
    average = standing(Arm(WEIGHTED), [0.62, 0.56, 0.60, 0.58])
    assert chosen(better, average) == better.arm


def test_one_learner_is_enough_where_averaging_changes_nothing() -> None:
    alone = standing(Arm(NOTHING, LOGISTIC), [1.0, 1.0, 1.0])
    others = [standing(Arm(one), [1.0, 1.0, 1.0]) for one in (BLEND, WEIGHTED)]
    assert chosen(alone, *others) == alone.arm


def test_a_budget_of_no_time_still_gives_an_answer_from_two_folds() -> None:
    world = logistic_world(800, prevalence=0.1)
    answer = steelyard.run(world.frame, target="y", metric="f1", budget=0.001, jobs=2, progress=False)
    rows = answer.results_
    assert (rows[rows.status == "finished"].folds.dropna() >= 2).all()
    assert answer.best_.predict_proba(world.frame.drop(columns="y")).shape == (800, 2)
