"""What is delivered decides as what was raced, and a logit adjustment is an arm like any other."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

import steelyard
from steelyard.core.progress import Log
from steelyard.decide import ArgMax, Goal, SigmoidCalibration, Threshold
from steelyard.race.arms import NOTHING, Arm, learners, remedies
from steelyard.race.choose import standings
from steelyard.race.clock import Clock
from steelyard.race.deliver import decide_as_raced, deliver, plain_rule
from steelyard.race.engine import Race, RaceResult
from steelyard.race.options import Options
from steelyard.race.outcomes import Variant
from steelyard.race.problem import Columns, Problem
from worlds import logistic_world, three_classes

NATURAL = np.array([0.9, 0.1])
EVEN = np.array([0.5, 0.5])
ADJUST = remedies(("LogitAdjust",))[0]
(LOGISTIC,) = learners(("logistic",))


def _race(
    problem: Problem, work, remedy: str, metric: str | None = "balanced_accuracy", **goal
) -> RaceResult:
    options = Options(
        learners=("logistic",), remedies=(remedy,), folds=3, repeats=1, max_fits=20, jobs=1, test_size=0
    )
    wanted = Goal.of(metric, n_classes=problem.n_classes, **goal)
    return Race(problem, wanted, options, work=work, clock=Clock(None), log=Log()).run()


def _delivered(result: RaceResult, problem: Problem, remedy: str, variant: Variant):
    one = next(s for s in standings(result) if s.arm.remedy.name == remedy and s.variant == variant)
    goal = result.outcomes.goal
    return deliver(one, problem, result.outcomes, goal, seed=0, n_jobs=1)


def _world(n: int = 3000, **settings) -> Problem:
    return Problem.of_table(logistic_world(n, prevalence=0.08, **settings).frame, Columns("y"))


def test_the_plain_rule_by_hand() -> None:
    assert isinstance(plain_rule(NATURAL, NATURAL), ArgMax)
    rule = plain_rule(EVEN, NATURAL)
    assert isinstance(rule, Threshold)
    assert rule.value == pytest.approx(0.1)  # even odds at equal shares are the prevalence at natural ones
    many = plain_rule(np.full(3, 1 / 3), np.array([0.6, 0.3, 0.1]))
    assert many.decide([[0.5, 0.3, 0.2], [0.9, 0.06, 0.04], [0.5, 0.4, 0.1]]).tolist() == [2, 0, 1]


def test_a_calibration_carries_the_plain_rule_or_gives_way() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(500)
    y = (rng.random(500) < p**2).astype(int)
    scores = np.column_stack([1 - p, p])
    calibration = SigmoidCalibration().fit(scores, y)
    rule = decide_as_raced(EVEN, NATURAL, calibration, scores)
    assert rule is not None
    assert np.array_equal(rule.decide(calibration(scores)), p >= 0.1)
    calibration.maps_ = [np.array([0.0, -1.0, 1e-6, 1 - 1e-6])]  # one answer for all rows
    assert decide_as_raced(EVEN, NATURAL, calibration, scores) is None


@pytest.mark.parametrize("remedy", ["inverse", "RandomUnderSampler", "LogitAdjust"])
def test_what_is_delivered_decides_as_it_was_raced(remedy, tmp_path) -> None:
    """Plain arms are judged by their own most probable class, and no correction may take that away."""
    problem = _world()
    result = _race(problem, tmp_path, remedy)
    arm = Arm(remedies((remedy,))[0], LOGISTIC)
    raced = result.outcomes.outcomes(arm, 0, "plain")
    flagged = np.mean(np.concatenate([fold.decisions for fold in raced.values()]))
    made = _delivered(result, problem, remedy, "plain")
    model = made.model
    assert model.predict(problem.X).mean() == pytest.approx(flagged, rel=0.1)
    assert flagged > 2 * problem.y.mean()
    p = model.predict_proba(problem.X)[:, 1]
    assert p.mean() == pytest.approx(
        problem.y.mean(), rel=0.1
    )  # and the probabilities are right all the same


def test_logit_adjustment_needs_no_fit_and_has_the_scores_of_doing_nothing(tmp_path) -> None:
    problem = _world()
    result = _race(problem, tmp_path, "LogitAdjust")
    fits = {name.name.split(".")[1] for name in (tmp_path / "fits").glob("*.npz")}
    assert not any("LogitAdjust" in name for name in fits)
    arm = Arm(ADJUST, LOGISTIC)
    assert result.outcomes.variants(arm) == ("plain",)
    for number, fold in result.outcomes.raw(arm, 0).items():
        base = result.outcomes.raw(Arm(NOTHING, LOGISTIC), 0)[number]
        assert np.allclose(fold.undone, base.p)
        odds = fold.p[:, 1] / fold.p[:, 0] * fold.natural[1] / fold.natural[0]
        assert np.allclose(odds, base.p[:, 1] / base.p[:, 0])
        assert np.allclose(fold.trained, 0.5)


def test_logit_adjustment_beats_doing_nothing_by_balanced_accuracy() -> None:
    """On a known posterior its decisions are those of the best rule for balanced accuracy."""
    world, fresh = logistic_world(6000, prevalence=0.05), logistic_world(40_000, prevalence=0.05, seed=9)
    answer = steelyard.run(
        world.frame, target="y", metric="balanced_accuracy", learners=("logistic",), remedies=("LogitAdjust",),
        folds=4, repeats=1, max_fits=12, jobs=1, progress=False,
    )  # fmt: skip
    rows = answer.results_.set_index(["remedy", "finish"])
    adjusted = rows.loc[("logit adjustment after training", "plain")]
    assert adjusted.difference_low > 0
    assert adjusted.prior_before > 3
    assert adjusted.prior_after == pytest.approx(1, abs=0.1)
    best = balanced_accuracy_score(fresh.y, fresh.posterior >= 0.05)
    assert balanced_accuracy_score(fresh.y, answer.best_.predict(fresh.frame.drop(columns="y"))) > best - 0.02


def test_many_classes_are_adjusted_too(tmp_path) -> None:
    problem = Problem.of_table(three_classes(), Columns("y"))
    result = _race(problem, tmp_path, "LogitAdjust")
    model = _delivered(result, problem, "LogitAdjust", "plain").model
    expected = (model.undone_proba(problem.X) / problem.prior.p).argmax(axis=1)
    assert np.mean(model.decide(model.predict_proba(problem.X)) == expected) > 0.99


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        ({"metric": "average_precision"}, "does not depend on decisions"),
        ({"metric": None, "cost_fn": 9, "cost_fp": 1}, "sets the operating point"),
        ({"metric": None, "min_recall": 0.8}, "sets the operating point"),
    ],
)
def test_logit_adjustment_declines_where_decisions_are_not_free(goal, why, tmp_path) -> None:
    result = _race(_world(800), tmp_path, "LogitAdjust", **goal)
    assert result.broken == {"LogitAdjust.own": "declined"}
    assert why in result.reasons["LogitAdjust.own"]
    assert not any(one.arm.remedy.name == "LogitAdjust" for one in standings(result))
