from __future__ import annotations

import json

import numpy as np
import pytest

from steelyard.core import DataError, NotForMe, UsageError
from steelyard.decide import (
    ArgMax,
    ClassMultipliers,
    ExpectedCost,
    RowCostRule,
    RowCosts,
    Rule,
    Threshold,
    TopK,
    rule_from_json,
)

P = np.array([[0.95, 0.05], [0.7, 0.3], [0.4, 0.6], [0.5, 0.5]])
COSTS = RowCosts(fp=[1, 5, 1, 1], fn=[50, 1, 1, 0])
RULES = [
    ArgMax(),
    Threshold(0.3),
    Threshold(0.1, because="it is so"),
    ClassMultipliers([1.0, 3.0]),
    ClassMultipliers([1.0, 3.0], "it is so"),
    ExpectedCost([[0, 9], [1, 0]]),
    RowCostRule(),
    TopK(2),
    TopK(2, rate=0.5),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_round_trip(rule: Rule) -> None:
    written = json.dumps(rule.to_json(), allow_nan=False)
    back = rule_from_json(json.loads(written))
    assert back == rule
    assert hash(back) == hash(rule)
    assert type(back) is type(rule)
    assert back.decide(P, costs=COSTS).tolist() == rule.decide(P, costs=COSTS).tolist()
    assert back.text == rule.text
    assert rule.decide(P, costs=COSTS).dtype == np.int64


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_positive_scores_decide_like_both_columns(rule: Rule) -> None:
    assert rule.decide(P[:, 1], costs=COSTS).tolist() == rule.decide(P, costs=COSTS).tolist()


def test_rules_differ_by_kind_and_by_value() -> None:
    assert Threshold(0.3) != Threshold(0.4)
    assert Threshold(0.3) != ArgMax()
    assert {rule.to_json()["kind"] for rule in RULES} == {
        "argmax",
        "threshold",
        "class_multipliers",
        "expected_cost",
        "row_costs",
        "top_k",
    }


def test_decisions_by_hand() -> None:
    assert ArgMax().decide(P).tolist() == [0, 0, 1, 0]
    assert Threshold(0.3).decide(P).tolist() == [0, 1, 1, 1]
    assert ClassMultipliers([1, 3]).decide(P).tolist() == [0, 1, 1, 1]
    assert RowCostRule().decide(P, costs=COSTS).tolist() == [1, 0, 1, 0]


def test_only_a_capacity_depends_on_the_number_of_rows() -> None:
    assert Threshold(0.3).for_rows(10) == Threshold(0.3)
    assert TopK(200, rate=0.02).for_rows(5000).k == 100
    assert TopK(200, rate=0.02).for_rows(3).k == 1
    assert TopK(200).for_rows(5000).k == 200


def test_top_k_takes_earlier_rows_on_ties_and_never_too_many() -> None:
    assert TopK(2).decide([0.5, 0.9, 0.5, 0.5]).tolist() == [1, 1, 0, 0]
    assert TopK(10).decide([0.5, 0.9]).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: rule_from_json({"kind": "oracle"}), UsageError, "'oracle', known are argmax"),
        (lambda: rule_from_json({"kind": "threshold"}), UsageError, "wrong fields"),
        (lambda: Threshold(float("inf")), UsageError, "finite number"),
        (lambda: Threshold.of_costs(fp=0, fn=0), UsageError, "costs are fp 0"),
        (lambda: Threshold(0.5).decide(np.full((2, 3), 1 / 3)), NotForMe, "binary only; got 3"),
        (lambda: ClassMultipliers([1, 0]), UsageError, "positive number a class"),
        (lambda: ClassMultipliers([1, 2, 3]).decide(P), DataError, "2 classes came, the rule knows 3"),
        (lambda: ExpectedCost([[0, 1]]), UsageError, "shape"),
        (lambda: ExpectedCost([[0, 1], [1]]), UsageError, "unequal length"),
        (lambda: ExpectedCost(np.zeros((3, 3))).decide(P), DataError, "cost matrix of 3"),
        (lambda: TopK(0), UsageError, "k is 0"),
        (lambda: TopK(5, rate=2), UsageError, "rate is 2"),
        (lambda: RowCostRule().decide(P), UsageError, "no costs came for 4 rows"),
        (lambda: RowCostRule().decide(P, costs=COSTS.take([0])), UsageError, "1 costs came for 4"),
        (lambda: RowCosts(fp=[-1], fn=[1]), DataError, "fp costs"),
        (lambda: RowCosts(fp=[1], fn=[1, 2]), DataError, "1 fp costs came with 2"),
        (lambda: ArgMax().decide([[0.5, np.nan]]), DataError, "missing"),
        (lambda: ArgMax().decide([[[0.5]]]), DataError, "shape"),
    ],
)
def test_errors(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
