"""Class weights from a cost matrix."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior, UsageError, Weighting
from steelyard.weights.scaling import mean_one

__all__ = ["cost_weights"]


def cost_weights(matrix: ArrayLike) -> Weighting:
    r"""Weigh every class by what its errors cost in total.

    When to use it: the learner knows weights but no costs. Exact for two classes; for more it squeezes a
    matrix into one number a class, and `decide.ExpectedCost` on calibrated probabilities is better.

    :math:`w_j \propto \sum_{k \neq j} (C_{kj} - C_{jj})`, with :math:`C_{kj}` the cost of deciding
    :math:`k` when :math:`j` is true.

    Args:
        matrix: costs (K, K), rows the decision, columns the truth.

    Returns:
        A weighting: prior -> class weights (K,) that average one over the rows; 0 for a class without rows.

    Raises:
        UsageError: not a square matrix of finite numbers, or a class whose errors pay off.

    >>> cost_weights([[0, 9], [1, 0]])(Prior.of([0] * 9 + [1])).round(4).tolist()
    [0.5556, 5.0]

    Source: Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees.
    """
    costs = np.asarray(matrix, dtype=np.float64)
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1] or not np.isfinite(costs).all():
        raise UsageError(
            f"the cost matrix has shape {costs.shape}, expected finite numbers, classes × classes"
        )
    raw = costs.sum(axis=0) - len(costs) * costs.diagonal()
    if (raw < 0).any():
        raise UsageError(
            f"deciding class {int(np.argmin(raw))} rightly costs more than deciding it wrongly; "
            "check that rows of the matrix are decisions and columns truths"
        )

    return partial(_weigh, raw)


def _weigh(raw: Floats, prior: Prior) -> Floats:
    return mean_one(raw, prior)


CARD = {
    "lever": "weights",
    "name": "cost_weights",
    "title": "Class weights from a cost matrix",
    "seeds": ["012", "023"],
    "needs": [],
    "example": {"matrix": [[0, 9], [1, 0]]},
    "since": "0.1",
    "status": "claimed",
    "source": "Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees",
    "facts": {},
}
