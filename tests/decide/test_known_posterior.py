"""On generated data whose posterior is known, the whole chain comes close to what cannot be beaten."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import expit, logit

from steelyard.decide import (
    ExpectedCost,
    Goal,
    PriorCorrection,
    RowCosts,
    calibration_in_the_large,
    choose_calibration,
)


def world(seed: int, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The true posterior of every row, and labels."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    x = rng.normal(size=n) + 2 * y
    return expit(2 * x - 2 + logit(share)), y


def model(posterior: np.ndarray, share: float) -> np.ndarray:
    """What a model says that was trained on balanced rows and is too sure of itself."""
    balanced = PriorCorrection([1 - share, share], [0.5, 0.5])(posterior)
    return expit(1.5 * logit(balanced))


@cache
def finish(share: float, seed: int, n: int = 10_000):
    """Prior undone and calibration chosen on rows of their own."""
    posterior, y = world(seed, n, share)
    undo = PriorCorrection([0.5, 0.5], [1 - share, share])
    p = undo(model(posterior, share))
    _, calibration, _ = choose_calibration(p, y, np.arange(n) % 5)
    return lambda fresh: calibration(undo(model(fresh, share))), calibration(p), y


@pytest.mark.parametrize("share", [0.02, 0.1])
@pytest.mark.parametrize("miss", [10, 100])
def test_costs_come_within_five_percent_of_the_bayes_decision(share: float, miss: float) -> None:
    finished, p, y = finish(share, seed=0)
    goal = Goal.of(cost_fp=1, cost_fn=miss)
    rule = goal.fit_rule(p, y)
    posterior, truth = world(1, 200_000, share)
    decided, best = rule.decide(finished(posterior)), posterior >= 1 / (1 + miss)

    def expected(flags: np.ndarray) -> float:
        return float(np.where(flags, 1 - posterior, miss * posterior).mean())

    assert expected(best) <= expected(decided) <= 1.02 * expected(best)
    assert goal.score(truth, posterior, decided) <= 1.05 * goal.score(truth, posterior, best.astype(int))
    assert 0.9 < calibration_in_the_large(finished(posterior), truth) < 1.1


def test_costs_of_each_row_come_within_five_percent() -> None:
    finished, p, y = finish(0.05, seed=0)
    goal = Goal.of(cost_fp=5, cost_fn="amount")
    posterior, truth = world(1, 200_000, 0.05)
    amount = np.random.default_rng(2).lognormal(3, 1, 200_000)
    costs = goal.row_costs({"amount": amount})
    assert isinstance(costs, RowCosts)
    decided = goal.fit_rule(p, y).decide(finished(posterior), costs=costs)
    best = ((1 - posterior) * costs.fp <= posterior * costs.fn).astype(int)
    ours, bayes = (goal.score(truth, posterior, d, costs=costs) for d in (decided, best))
    assert ours <= 1.05 * bayes


@pytest.mark.parametrize("name", ["f1", "mcc", "balanced_accuracy", "g_mean"])
def test_thresholds_come_close_to_the_best_possible(name: str) -> None:
    finished, p, y = finish(0.05, seed=0)
    goal = Goal.of(name)
    posterior, truth = world(1, 200_000, 0.05)
    ours = goal.score(truth, posterior, goal.fit_rule(p, y).decide(finished(posterior)))
    best = max(goal.score(truth, posterior, (posterior >= t).astype(int)) for t in np.linspace(0.01, 0.9, 90))
    assert ours > best - 0.02


def test_many_classes_come_within_five_percent_of_the_bayes_decision() -> None:
    shares, matrix = np.array([0.85, 0.12, 0.03]), np.array([[0, 5, 40], [1, 0, 20], [2, 2, 0.0]])

    def rows(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        y = rng.choice(3, size=n, p=shares)
        x = rng.normal(size=n) + 2 * y
        p = np.exp(-((x[:, None] - 2 * np.arange(3)) ** 2) / 2) * shares
        return p / p.sum(axis=1, keepdims=True), y

    def undone(posterior: np.ndarray) -> np.ndarray:
        balanced = PriorCorrection(shares, np.ones(3))(posterior) ** 1.3
        return PriorCorrection(np.ones(3), shares)(balanced / balanced.sum(axis=1, keepdims=True))

    goal = Goal.of(cost_matrix=matrix, n_classes=3)
    posterior, y = rows(0, 10_000)
    name, calibration, _ = choose_calibration(undone(posterior), y, np.arange(10_000) % 5)
    assert name != "none"
    rule = goal.fit_rule(calibration(undone(posterior)), y)
    posterior, truth = rows(1, 100_000)
    ours = goal.score(truth, posterior, rule.decide(calibration(undone(posterior))))
    bayes = goal.score(truth, posterior, ExpectedCost(matrix).decide(posterior))
    assert ours <= 1.05 * bayes
