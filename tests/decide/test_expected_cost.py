from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.decide import ExpectedCost, RowCostRule, RowCosts, Threshold

unit = st.floats(0, 1)


def test_costs_nine_to_one_are_the_threshold_one_tenth() -> None:
    assert Threshold.of_costs(fp=1, fn=9).value == pytest.approx(0.1)
    p = np.linspace(0, 1, 1001)
    assert ExpectedCost([[0, 9], [1, 0]]).decide(p).tolist() == (p >= 0.1).astype(int).tolist()


@given(p=st.lists(unit, min_size=1, max_size=20), fp=st.floats(0.01, 100), fn=st.floats(0.01, 100))
def test_threshold_and_matrix_agree_away_from_the_cut(p: list[float], fp: float, fn: float) -> None:
    rule = Threshold.of_costs(fp=fp, fn=fn)
    scores = np.array([value for value in p if abs(value - rule.value) > 1e-9])
    assert rule.decide(scores).tolist() == ExpectedCost([[0, fn], [fp, 0]]).decide(scores).tolist()


def test_many_classes_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), size=200)
    matrix = rng.uniform(-1, 5, size=(4, 4))
    expected = [min(range(4), key=lambda k: sum(matrix[k, j] * row[j] for j in range(4))) for row in p]
    assert ExpectedCost(matrix).decide(p).tolist() == expected


def test_gains_and_costs_of_right_decisions_count() -> None:
    # looking at a row costs 1 in any case, a positive found gains 20: worth it from p = 1/20 on
    rule = ExpectedCost([[0, 0], [1, -19]])
    assert rule.decide([0.049, 0.051]).tolist() == [0, 1]


@given(
    rows=st.lists(st.tuples(unit, st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=30),
)
def test_costs_per_row_by_brute_force(rows) -> None:
    p, fp, fn = (np.array(column) for column in zip(*rows, strict=True))
    decided = RowCostRule().decide(p, costs=RowCosts(fp, fn))
    flag, skip = (1 - p) * fp, p * fn
    spent = np.where(decided == 1, flag, skip)
    assert (spent <= np.minimum(flag, skip) + 1e-12).all()


def test_a_row_with_nothing_at_stake_is_passed() -> None:
    assert RowCostRule().decide([0.9, 0.9], costs=RowCosts(fp=[0, 0], fn=[0, 1])).tolist() == [0, 1]
