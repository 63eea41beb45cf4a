from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, matthews_corrcoef

from steelyard.core import DataError, TooFewSamples, UsageError
from steelyard.decide import (
    ClassMultipliers,
    ExpectedCost,
    Goal,
    Judged,
    RowCostRule,
    RowCosts,
    Threshold,
    TopK,
    best_threshold,
    expected_threshold,
    rule_from_json,
)

RNG = np.random.default_rng(0)
Y = (RNG.random(400) < 0.15).astype(int)
POSITIVE = RNG.beta(1 + 3 * Y, 6)
P = np.column_stack([1 - POSITIVE, POSITIVE])
Y3 = RNG.choice(3, size=300, p=[0.7, 0.2, 0.1])
P3 = RNG.dirichlet([3, 2, 1], 300)
ARGMAX = P.argmax(axis=1)

GOALS = [
    Goal.of(),
    Goal.of("f1"),
    Goal.of("log loss"),
    Goal.of("mcc", n_classes=3),
    Goal.of(cost_fp=1, cost_fn=50),
    Goal.of(cost_fp=5, cost_fn="amount"),
    Goal.of(cost_matrix=[[0, 9], [1, 0]]),
    Goal.of(cost_matrix=[[0, 2, 9], [1, 0, 4], [1, 1, 0]], n_classes=3),
    Goal.of(min_precision=0.6),
    Goal.of(min_recall=0.8),
    Goal.of(alerts=20, n_rows=400),
    Goal.of(alerts=20),
]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.name)
def test_round_trip_and_sentences(goal: Goal) -> None:
    assert Goal.from_json(json.loads(json.dumps(goal.to_json(), allow_nan=False))) == goal
    assert goal.text.endswith(".")
    assert goal.label
    assert goal.name
    assert goal.sign == {"max": 1, "min": -1}[goal.direction]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.name)
def test_every_goal_gives_a_rule_that_survives_json_and_scores(goal: Goal) -> None:
    p, y = (P, Y) if goal.n_classes == 2 else (P3, Y3)
    costs = goal.row_costs({"amount": np.linspace(1, 100, len(y))})
    rule = goal.fit_rule(p, y, costs=costs)
    decisions = rule.decide(p, costs=costs)
    assert (
        rule_from_json(json.loads(json.dumps(rule.to_json()))).decide(p, costs=costs).tolist()
        == decisions.tolist()
    )
    assert np.isfinite(goal.score(y, p, decisions, costs=costs))


def test_default_is_average_precision() -> None:
    goal = Goal.of()
    assert (goal.name, goal.kind, goal.direction, goal.needs_decision) == (
        "average_precision",
        "metric",
        "max",
        False,
    )
    assert goal.score(Y, P, ARGMAX) == pytest.approx(average_precision_score(Y, POSITIVE))


def test_a_metric_of_decisions_gets_the_threshold_its_probabilities_promise() -> None:
    goal = Goal.of("f1")
    rule = goal.fit_rule(P, Y)
    assert isinstance(rule, Threshold)
    assert rule.value == expected_threshold(Y, POSITIVE, "f1")
    assert goal.needs_decision
    reached = goal.score(Y, P, rule.decide(P))
    assert f"{reached:.3g} on held-out rows" in rule.text
    assert f1_score(Y, ARGMAX) < reached <= best_threshold(Y, POSITIVE, "f1")[1]


@pytest.mark.parametrize("name", ["roc_auc", "brier", "log_loss"])
def test_a_metric_without_decisions_gets_the_threshold_of_f1_and_says_so(name: str) -> None:
    goal = Goal.of(name)
    rule = goal.fit_rule(P, Y)
    assert isinstance(rule, Threshold)
    assert rule.value == expected_threshold(Y, POSITIVE, "f1")
    assert "itself does not depend on decisions" in rule.text
    assert not goal.needs_decision


def test_many_classes_get_multipliers() -> None:
    goal = Goal.of("mcc", n_classes=3)
    rule = goal.fit_rule(P3, Y3)
    assert isinstance(rule, ClassMultipliers)
    assert goal.score(Y3, P3, rule.decide(P3)) >= matthews_corrcoef(Y3, P3.argmax(axis=1))
    assert isinstance(Goal.of("log_loss", n_classes=3).fit_rule(P3, Y3), ClassMultipliers)


def test_costs_need_no_labels_and_use_the_bayes_rule() -> None:
    rule = Goal.of(cost_fp=1, cost_fn=9).fit_rule([], [])
    assert isinstance(rule, Threshold)
    assert rule.value == pytest.approx(0.1)
    assert Goal.of(cost_fn=9).fit_rule([], []) == rule  # the other price is 1 unless given
    assert Goal.of(cost_matrix=[[0, 9], [1, 0]]).fit_rule([], []) == rule
    # a fee for looking at a row and a gain for finding one move the threshold: 1 / (1 + 19)
    gain = Goal.of(cost_matrix=[[0, 0], [1, -19]]).fit_rule([], [])
    assert isinstance(gain, Threshold)
    assert gain.value == pytest.approx(0.05)
    odd = Goal.of(cost_matrix=[[0, 1], [-1, 3]]).fit_rule([], [])
    assert isinstance(odd, ExpectedCost)
    three = Goal.of(cost_matrix=np.ones((3, 3)) - np.eye(3), n_classes=3).fit_rule(P3, Y3)
    assert isinstance(three, ExpectedCost)


def test_mean_cost_by_hand() -> None:
    y, decisions = np.array([0, 0, 1, 1]), np.array([1, 0, 0, 1])
    assert Goal.of(cost_fp=2, cost_fn=10).score(y, POSITIVE[:4], decisions) == pytest.approx(3)
    assert Goal.of(cost_fp=2, cost_fn=10).score(y, POSITIVE[:4], decisions, sample_weight=[3, 0, 0, 1]) == 1.5
    costs = RowCosts(fp=[7, 1, 1, 1], fn=[1, 1, 5, 1])
    assert Goal.of(cost_fp="a", cost_fn="b").score(y, POSITIVE[:4], decisions, costs=costs) == 3
    matrix = Goal.of(cost_matrix=[[0, 10], [2, -4]])
    assert matrix.score(y, POSITIVE[:4], decisions) == 2
    assert Goal.of(cost_fn=1).direction == "min"


def test_costs_from_columns() -> None:
    goal = Goal.of(cost_fp=5, cost_fn="amount")
    assert goal.per_row
    costs = goal.row_costs({"amount": [100, 2, 50]})
    assert costs is not None
    assert (costs.fp.tolist(), costs.fn.tolist()) == ([5, 5, 5], [100, 2, 50])
    rule = goal.fit_rule(P[:3], Y[:3])
    assert rule == RowCostRule()
    assert rule.decide([0.1, 0.1, 0.01], costs=costs).tolist() == [1, 0, 0]
    assert Goal.of(cost_fp=5, cost_fn=9).row_costs({}) is None
    with pytest.raises(DataError, match="cost column 'amount'"):
        goal.row_costs({"other": [1]})
    with pytest.raises(DataError, match="something other than numbers"):
        goal.row_costs({"amount": ["much", "little"]})
    with pytest.raises(DataError, match="fn costs must be finite"):
        goal.row_costs({"amount": [1, np.nan]})
    with pytest.raises(DataError, match="none came for these rows"):
        goal.score(Y, P, ARGMAX)


def test_a_bound_is_kept_on_the_fitting_rows_and_a_broken_one_ranks_below() -> None:
    for goal, aim in ((Goal.of(min_precision=0.6), "recall"), (Goal.of(min_recall=0.8), "precision")):
        rule = goal.fit_rule(P, Y)
        assert isinstance(rule, Threshold)
        reached = goal.score(Y, P, rule.decide(P))
        expected = best_threshold(
            Y, POSITIVE, aim, min_precision=goal.min_precision, min_recall=goal.min_recall
        )
        assert (rule.value, reached) == (expected[0], pytest.approx(expected[1]))
        assert 0 < reached < 1
    precise = Goal.of(min_precision=0.9)
    hopeless = precise.fit_rule(P, np.roll(Y, 1) * (POSITIVE.max() > POSITIVE))
    assert hopeless.decide(P).sum() == 0
    assert "no lower one keeps the bound" in hopeless.text
    all_flagged, none_flagged = np.ones(400, dtype=int), np.zeros(400, dtype=int)
    assert precise.score(Y, P, all_flagged) == pytest.approx(Y.mean() - 0.9)
    assert precise.score(Y, P, none_flagged) == 0
    assert Goal.of(min_recall=0.8).score(Y, P, none_flagged) == pytest.approx(-0.8)
    assert np.isnan(precise.score(np.zeros(3, dtype=int), P[:3], [0, 1, 0]))


def test_alerts_count_the_highest_rows_and_scale_with_the_rows() -> None:
    goal = Goal.of(alerts=40, n_rows=400)
    rule = goal.fit_rule(P, Y)
    assert rule == TopK(40, 0.1)
    top = np.argsort(-POSITIVE, kind="stable")
    assert goal.score(Y, P, ARGMAX) == pytest.approx(Y[top[:40]].sum() / Y.sum())
    half = slice(0, 200)
    first = np.argsort(-POSITIVE[half], kind="stable")[:20]
    assert goal.score(Y[half], P[half], ARGMAX[half]) == pytest.approx(Y[half][first].sum() / Y[half].sum())
    fixed = Goal.of(alerts=40)
    first = np.argsort(-POSITIVE[half], kind="stable")[:40]
    assert fixed.score(Y[half], P[half], ARGMAX[half]) == pytest.approx(Y[half][first].sum() / Y[half].sum())


def test_weights_reach_the_search_and_the_score() -> None:
    weight = np.where(Y == 1, 20.0, 1.0)
    rule = Goal.of("f1").fit_rule(P, Y, sample_weight=weight)
    assert isinstance(rule, Threshold)
    assert rule.value == expected_threshold(Y, P, "f1", sample_weight=weight)
    assert rule.value != expected_threshold(Y, P, "f1")
    assert Goal.of("f1").score(Y, P, ARGMAX, sample_weight=weight) == pytest.approx(
        f1_score(Y, ARGMAX, sample_weight=weight)
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"metric": "f1", "cost_fn": 5}, "cost_fn and metric were given"),
        ({"min_precision": 0.9, "min_recall": 0.9}, "min_precision and min_recall were given"),
        ({"metric": "f11"}, "f1"),
        ({"cost_fp": -1}, "cost_fp is -1"),
        ({"cost_fp": 0, "cost_fn": 0}, "both costs are 0"),
        ({"cost_fp": 1, "n_classes": 3}, "give cost_matrix instead"),
        ({"cost_fp": 1, "cost_matrix": [[0, 1], [1, 0]]}, "cost matrix came with"),
        ({"cost_matrix": [[0, 1], [1, 0]], "n_classes": 3}, "knows 2 classes and 3 came"),
        ({"cost_matrix": [[0, 1], [1]]}, "unequal length"),
        ({"min_precision": 1.2}, "min_precision is 1.2"),
        ({"min_recall": 0}, "min_recall is 0"),
        ({"min_recall": 0.9, "n_classes": 4}, "goal for two classes and 4 came"),
        ({"alerts": 0}, "alerts is 0"),
        ({"alerts": 2.5}, "alerts is 2.5"),
        ({"alerts": 10, "n_rows": 5}, "10 alerts were asked for 5 rows"),
        ({"metric": "h_measure", "n_classes": 3}, "for two classes"),
        ({"n_classes": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Goal.of(**options)


def test_one_class_has_no_threshold() -> None:
    with pytest.raises(TooFewSamples, match="both classes"):
        Goal.of("g_mean").fit_rule(POSITIVE[:5], np.zeros(5, dtype=int))


def _judged(y, flagged) -> Judged:
    y, flagged = np.asarray(y), np.asarray(flagged)
    return Judged(y, np.column_stack([1 - flagged, flagged]).astype(float), flagged)


def test_a_bound_is_judged_on_all_folds_together() -> None:
    """By hand: folds of precision 1/2 and 1 keep a bound of 0.75 together, and are scored by their recall."""
    folds = [_judged([1, 0, 1, 0], [1, 1, 0, 0]), _judged([1, 1, 0, 0], [1, 1, 0, 0])]
    goal = Goal.of(min_precision=0.75)
    assert goal.score_folds(folds) == pytest.approx([0.5, 1.0])
    alone = [goal.score(f.y, f.p, f.decisions) for f in folds]
    assert alone == pytest.approx([-0.25, 1.0])


def test_a_bound_missed_by_no_more_than_chance_counts_as_kept() -> None:
    """Of 100 flagged rows 88 are right: a bound of 0.9 has a standard error of 0.03, one of 0.95 of 0.022."""
    fold = _judged([1] * 88 + [0] * 12 + [1] * 12, [1] * 100 + [0] * 12)
    assert Goal.of(min_precision=0.9).score_folds([fold]) == pytest.approx([0.88])
    assert Goal.of(min_precision=0.95).score_folds([fold]) == pytest.approx([-0.07])
    heavy = Judged(fold.y, fold.p, fold.decisions, np.full(112, 5.0))  # equal weights tell no more
    assert Goal.of(min_precision=0.95).score_folds([heavy]) == pytest.approx([-0.07])


def test_a_bound_on_recall_scores_precision() -> None:
    folds = [_judged([1, 1, 0, 0], [1, 0, 0, 0]), _judged([1, 1, 0, 0], [1, 1, 1, 0])]
    assert Goal.of(min_recall=0.7).score_folds(folds) == pytest.approx([1.0, 2 / 3])
    assert Goal.of(min_recall=0.99).score_folds(folds) == pytest.approx([-0.24, -0.24])
    assert Goal.of(min_recall=0.7).score_folds([]) == []


def test_other_goals_score_fold_by_fold() -> None:
    folds = [Judged(Y[:200], P[:200], ARGMAX[:200]), Judged(Y[200:], P[200:], ARGMAX[200:])]
    goal = Goal.of("f1")
    assert goal.score_folds(folds) == [goal.score(f.y, f.p, f.decisions) for f in folds]


def test_what_was_reached_is_told_apart_from_a_broken_bound() -> None:
    rows = _judged([1, 1, 0, 0], [1, 1, 1, 1])
    goal = Goal.of(min_precision=0.9)
    assert goal.score(rows.y, rows.p, rows.decisions) == pytest.approx(-0.4)
    assert goal.reached(rows) == 1.0
    assert (goal.bounded, Goal.of(min_recall=0.5).bounded, Goal.of("f1").bounded) == (
        "precision",
        "recall",
        "",
    )
    assert Goal.of("f1").reached(rows) == pytest.approx(2 / 3)
