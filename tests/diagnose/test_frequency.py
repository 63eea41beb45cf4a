from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from steelyard.core import Prior
from steelyard.diagnose import accuracy_by_count, accuracy_by_group
from steelyard.metrics import recall_by_frequency

PRIOR = Prior.of(np.repeat(np.arange(5), [500, 120, 60, 20, 5]))


def drawn(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(5, size=n)
    right = rng.random(n) < np.array([0.95, 0.9, 0.6, 0.5, 0.2])[y]
    return y, np.where(right, y, 0)


def test_groups_are_mean_recalls_with_intervals_around_them() -> None:
    y, decided = drawn()
    found = accuracy_by_group(y, decided, PRIOR, seed=3)
    assert [(one.group, one.classes) for one in found] == [
        ("many", (0, 1)),
        ("medium", (2, 3)),
        ("few", (4,)),
    ]
    assert [one.rows for one in found] == [int(np.isin(y, one.classes).sum()) for one in found]
    by_hand = [np.mean([(decided[y == k] == k).mean() for k in one.classes]) for one in found]
    assert [one.value for one in found] == pytest.approx(by_hand)
    assert {one.group: one.value for one in found} == pytest.approx(recall_by_frequency(y, decided, PRIOR))
    for one in found:
        assert one.low < one.value < one.high
    few = found[2]
    spread = np.sqrt(few.value * (1 - few.value) / few.rows)
    assert few.high - few.low == pytest.approx(2 * 1.96 * spread, rel=0.15)
    assert accuracy_by_group(y, decided, PRIOR, seed=3) == found


def test_an_empty_group_and_a_class_that_does_not_occur() -> None:
    many, medium, few = accuracy_by_group([0, 0, 2], [0, 1, 2], PRIOR)
    assert (many.classes, many.value) == ((0,), 0.5)
    assert (medium.classes, medium.low, medium.high) == ((2,), 1, 1)
    assert (few.classes, few.rows) == ((), 0)
    assert np.isnan([few.value, few.low, few.high]).all()
    other = accuracy_by_group([0, 1], [0, 1], PRIOR, many=400, few=100)
    assert [one.classes for one in other] == [(0,), (1,), ()]


def test_recall_beside_the_count_of_every_class() -> None:
    y, decided = drawn()
    found = accuracy_by_count(y, decided, PRIOR)
    recall = [(decided[y == k] == k).mean() for k in range(5)]
    assert found.recall == pytest.approx(recall)
    assert found.counts.tolist() == [500, 120, 60, 20, 5]
    assert found.rows.tolist() == np.bincount(y).tolist()
    assert found.correlation == pytest.approx(spearmanr([5, 4, 3, 2, 1], recall).statistic)
    assert ((found.low < found.recall) & (found.recall < found.high) | (found.recall == 1)).all()


def test_no_correlation_where_there_is_none_to_see() -> None:
    flat = accuracy_by_count([0, 1, 2, 3], [0, 1, 2, 3], PRIOR)
    assert np.isnan(flat.correlation)
    assert np.isnan(flat.recall[4])
    assert (flat.low[4], flat.high[4]) == (0, 1)
    two = accuracy_by_count([0, 1], [0, 0], Prior.of([0, 0, 1]))
    assert np.isnan(two.correlation)
