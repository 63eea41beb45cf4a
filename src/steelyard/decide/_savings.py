"""What decisions save against the best decision that looks at nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats
from steelyard.decide.expected_cost import cost_table
from steelyard.decide.row_costs import RowCosts
from steelyard.metrics import expected_cost

__all__ = ["savings"]


def savings(
    y: ArrayLike,
    decisions: ArrayLike,
    costs: RowCosts | ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""The share of the cost of the best constant decision that the decisions save.

    When to use it: to read a mean cost. 1 is perfect, 0 is as good as treating every row alike, below 0 the
    decisions do harm.

    :math:`1 - \text{cost} / \min_k \text{cost of deciding } k \text{ always}`.

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        costs: costs of each row for two classes, or a matrix (K, K), rows the decision, columns the truth.
        sample_weight: (n,) or None.

    Returns:
        At most 1 when no cost is negative; NaN when a constant decision costs nothing.

    >>> savings([0, 0, 0, 1], [0, 1, 0, 1], [[0, 9], [1, 0]])  # cost 1 in place of 3
    0.667

    Source: Bahnsen, Aouada, Ottersten (2015), Example-Dependent Cost-Sensitive Decision Trees.
    """
    n_classes = 2 if isinstance(costs, RowCosts) else len(cost_table(costs))
    spent = mean_cost(y, decisions, costs, sample_weight=sample_weight)
    constant = [
        mean_cost(y, np.full(np.shape(y), k, dtype=np.int64), costs, sample_weight=sample_weight)
        for k in range(n_classes)
    ]
    return 1 - spent / min(constant) if min(constant) else float("nan")


def mean_cost(
    y: ArrayLike,
    decisions: ArrayLike,
    costs: RowCosts | Floats | ArrayLike,
    *,
    sample_weight: ArrayLike | None,
) -> float:
    """What decisions cost per row, by costs of each row or a matrix."""
    if isinstance(costs, RowCosts):
        return expected_cost(
            y, decisions, cost_fp=costs.fp, cost_fn=costs.fn, sample_weight=sample_weight, n_classes=2
        )
    table = cost_table(costs)
    return expected_cost(y, decisions, cost_matrix=table, sample_weight=sample_weight, n_classes=len(table))


CARD = {
    "lever": "decide",
    "name": "savings",
    "title": "Savings against the best constant decision",
    "seeds": ["012"],
    "needs": ["costs"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Bahnsen, Aouada, Ottersten (2015), Example-Dependent Cost-Sensitive Decision Trees",
    "facts": {},
}
