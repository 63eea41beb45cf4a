"""Decide not to decide."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import UsageError
from steelyard.decide.expected_cost import ExpectedCost
from steelyard.decide.rows import class_scores

__all__ = ["Reject"]


class Reject:
    r"""Hand a row to somebody else where even the best decision is expected to cost more than that.

    When to use it: rows can be left to a person or a slower model at a known cost, and probabilities are
    calibrated.

    Reject where :math:`\min_k \sum_j C_{kj} p_j > c`; when all errors cost 1, where :math:`1 - \max_k p_k > c`.

    Args:
        cost: c, the price of leaving one row undecided, at least 0 and in the unit of the matrix.
        matrix: C (K, K), rows the decision, columns the truth; None when every error costs 1.

    Raises:
        UsageError: a negative cost, or a matrix that is not square.

    >>> Reject(0.2)([[0.95, 0.05], [0.7, 0.3]]).tolist()
    [False, True]

    Source: Chow (1970), On Optimum Recognition Error and Reject Tradeoff.
    """

    def __init__(self, cost: float, matrix: ArrayLike | None = None) -> None:
        if not 0 <= cost < np.inf:
            raise UsageError(f"the cost of rejecting is {cost}, expected a number of at least 0")
        self.cost = float(cost)
        self.rule = None if matrix is None else ExpectedCost(np.asarray(matrix))

    def __call__(self, p: ArrayLike) -> NDArray[np.bool_]:
        """Which rows (n,) to leave undecided, from probabilities (n, K) or (n,)."""
        scores = class_scores(p)
        least = 1 - scores.max(axis=1) if self.rule is None else self.rule.expected(scores).min(axis=1)
        return np.asarray(least > self.cost)


CARD = {
    "lever": "decide",
    "name": "Reject",
    "title": "Reject option (Chow's rule)",
    "seeds": ["048", "058"],
    "needs": ["probabilities"],
    "example": {"cost": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Chow (1970), On Optimum Recognition Error and Reject Tradeoff",
    "facts": {},
}
