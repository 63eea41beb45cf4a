from __future__ import annotations

import numpy as np
import pytest

from steelyard.core import DataError, NotForMe, TargetError, UsageError
from steelyard.metrics import expected_cost


def test_equals_empulse_with_costs_per_row(binary) -> None:
    cost_loss = pytest.importorskip(
        "empulse.metrics", reason="an oracle; pip install 'steelyard[oracles]'"
    ).cost_loss
    rng = np.random.default_rng(0)
    fp, fn = rng.random(300), 9 * rng.random(300)
    expected = cost_loss(binary.y, binary.decisions, fp_cost=fp, fn_cost=fn, normalize=True)
    assert expected_cost(binary.y, binary.decisions, cost_fp=fp, cost_fn=fn) == pytest.approx(
        expected, abs=1e-12
    )


def test_weights_and_matrix_agree_with_a_sum_over_rows(many) -> None:
    costs = np.random.default_rng(0).random((5, 5))
    weight = np.ones(len(many.y)) if many.weight is None else many.weight
    rows = [costs[d, t] * w for d, t, w in zip(many.decisions, many.y, weight, strict=True)]
    got = expected_cost(many.y, many.decisions, cost_matrix=costs, sample_weight=many.weight)
    assert got == pytest.approx(sum(rows) / weight.sum(), abs=1e-12)


def test_two_prices_are_a_matrix(binary) -> None:
    y, _, decisions, weight = binary
    prices = expected_cost(y, decisions, cost_fp=2, cost_fn=7, sample_weight=weight)
    matrix = expected_cost(y, decisions, cost_matrix=[[0, 7], [2, 0]], sample_weight=weight)
    assert prices == pytest.approx(matrix, abs=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"y": [0, 1, 2], "decisions": [0, 1, 1]}, NotForMe, "cost_matrix"),
        ({"y": [0, 1], "decisions": [0, 1], "n_classes": 3}, NotForMe, "cost_matrix"),
        ({"y": [0, 1], "decisions": [0]}, DataError, "one decision a row"),
        ({"y": [0, 1], "decisions": [0, 1], "cost_fp": [1, 2, 3]}, UsageError, "one cost a row"),
        ({"y": [0, 1], "decisions": [0, 1], "cost_matrix": [1, 2]}, UsageError, "decision, columns truth"),
        ({"y": [0, 2], "decisions": [0, 1], "cost_matrix": np.eye(2)}, TargetError, "knows 2 classes"),
    ],
)
def test_bad_costs_are_refused(options, error, words) -> None:
    with pytest.raises(error, match=words):
        expected_cost(**options)
