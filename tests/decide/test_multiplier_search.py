from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.core import TargetError, UsageError, catalogue
from steelyard.decide import ClassMultipliers, best_multipliers, best_threshold
from steelyard.decide.class_sums import class_sums
from steelyard.decide.multiplier_search import _line_search, _Rows
from steelyard.metrics import named

DECISION_METRICS = [
    card.name
    for card in catalogue.find(lever="metrics")
    if card.facts.get("takes") == "decisions" and "gives" not in card.facts and card.name != "expected_cost"
]
SUMMED = sorted(set(DECISION_METRICS) - {"macro_mae"})


def long_tail(seed: int, n: int = 600, n_classes: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    prior = np.geomspace(1, 0.05, n_classes)
    prior /= prior.sum()
    y = np.append(np.arange(n_classes), rng.choice(n_classes, size=n - n_classes, p=prior))
    z = rng.normal(size=(n, n_classes)) + np.log(prior)
    z[np.arange(n), y] += 1.5
    p = np.exp(z)
    return y, p / p.sum(axis=1, keepdims=True), rng.integers(0, 3, n).astype(float)


@pytest.mark.parametrize("name", DECISION_METRICS)
@pytest.mark.parametrize("seed", range(3))
def test_never_worse_than_the_most_probable_class(name: str, seed: int) -> None:
    y, p, weight = long_tail(seed)
    metric = named(name)
    values, reached = best_multipliers(y, p, name, sample_weight=weight)
    plain = metric(y, p, p.argmax(axis=1), weight)
    assert metric.sign * (reached - plain) >= 0
    assert metric(y, p, ClassMultipliers(values).decide(p), weight) == pytest.approx(reached)
    assert np.exp(np.log(values).mean()) == pytest.approx(1)


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "g_mean", "mcc"])
def test_clearly_better_than_the_most_probable_class_on_a_long_tail(name: str) -> None:
    y, p, _ = long_tail(7)
    _, reached = best_multipliers(y, p, name)
    assert reached > named(name)(y, p, p.argmax(axis=1)) + 0.02


@pytest.mark.parametrize("name", SUMMED)
def test_values_along_a_line_equal_the_metric_itself(name: str) -> None:
    y, p, weight = long_tail(3, n=60)
    y, p, weight = y[weight > 0], p[weight > 0], weight[weight > 0]
    metric = named(name)
    (form,) = class_sums(metric, y, weight, 4)
    rival = np.where(p[:, :3].argmax(axis=1) == 1, 3, p[:, :3].argmax(axis=1))  # nobody starts in class 1
    order = np.random.default_rng(0).permutation(len(y))[: len(y) // 2]
    expected, decided = [], rival.copy()
    for row in [None, *order]:
        if row is not None:
            decided[row] = 1
        expected.append(metric.sign * metric(y, p, decided, weight))
    assert np.allclose(form.path(rival, 1, order), expected, atol=1e-10)


@pytest.mark.parametrize("name", SUMMED)
def test_no_single_multiplier_can_be_improved(name: str) -> None:
    y, p, _ = long_tail(5, n=150, n_classes=3)
    metric = named(name)
    values, reached = best_multipliers(y, p, name)
    for k in range(3):
        for factor in np.geomspace(0.02, 50, 200):
            moved = values.copy()
            moved[k] *= factor
            value = metric(y, p, ClassMultipliers(moved).decide(p))
            assert not metric.sign * (value - reached) > 2e-4


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "mcc", "accuracy"])
def test_near_the_best_of_a_fine_grid_of_three_classes(name: str) -> None:
    y, p, _ = long_tail(11, n=120, n_classes=3)
    grid = np.geomspace(0.05, 20, 60)
    metric = named(name)
    best = max(metric(y, p, ClassMultipliers([1, a, b]).decide(p)) for a in grid for b in grid)
    # coordinate ascent may stop at a ridge; it has to come close to the global optimum
    assert best_multipliers(y, p, name)[1] > best - 0.01


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_two_classes_agree_with_the_exact_threshold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = np.append([0, 1], (rng.random(60) < 0.2).astype(int))
    p = np.round(rng.beta(1 + 2 * y, 4), 2).clip(0.01, 0.99)
    both = np.column_stack([1 - p, p])
    assert best_multipliers(y, both, "balanced_accuracy")[1] == pytest.approx(
        best_threshold(y, both, "balanced_accuracy")[1]
    )


@pytest.mark.parametrize("name", SUMMED)
def test_no_line_search_ever_lowers_the_metric(name: str) -> None:
    y, p, weight = long_tail(9, n=200)
    kept = weight > 0
    rows = _Rows(p[kept], y[kept], weight[kept])
    (form,) = class_sums(named(name), rows.y, rows.weight, 4)
    multipliers = np.ones(4)
    reached = form.at(p[kept].argmax(axis=1))
    for step in range(24):
        multipliers[step % 4], value = _line_search(rows, form, multipliers, step % 4)
        assert value >= reached - 1e-9
        decided = form.at(ClassMultipliers(multipliers).decide(rows.p))
        assert decided == pytest.approx(value, abs=1e-9)
        reached = value


def test_a_class_that_never_occurs_is_survived() -> None:
    y, p, _ = long_tail(1, n=100)
    present = y < 3
    values, reached = best_multipliers(y[present], p[present], "f1")
    assert np.isfinite(values).all()
    assert reached >= named("f1")(y[present], p[present], p[present].argmax(axis=1))


def test_certain_probabilities_are_survived() -> None:
    p = np.eye(3)[[0, 0, 0, 1, 2, 0]]
    assert best_multipliers([0, 0, 0, 1, 2, 1], p, "g_mean")[1] == pytest.approx(0.5 ** (1 / 3))


def test_errors() -> None:
    y, p, _ = long_tail(0)
    with pytest.raises(UsageError, match="roc_auc does not judge decisions"):
        best_multipliers(y, p, "roc_auc")
    with pytest.raises(TargetError, match="positions 0..3"):
        best_multipliers(y + 1, p, "f1")
