"""Mean misclassification cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, NotForMe, Prior, TargetError, UsageError
from steelyard.metrics.counts import ratio
from steelyard.metrics.rows import mean, positions, row_weights

__all__ = ["expected_cost"]


def expected_cost(
    y: ArrayLike,
    decisions: ArrayLike,
    *,
    cost_fp: ArrayLike = 1.0,
    cost_fn: ArrayLike = 1.0,
    cost_matrix: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    n_classes: int | None = None,
) -> float:
    r"""What the decisions cost per row.

    When to use it: whenever the errors can be priced; every other metric is a guess at it.

    .. math:: \frac1n \sum_i C[d_i, y_i]

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        cost_fp: price of a false positive, one number or one a row (n,); two classes only.
        cost_fn: price of a false negative, likewise.
        cost_matrix: (K, K), rows decision, columns truth, in place of the two prices.
        sample_weight: (n,) or None.
        n_classes: K; more than two need a cost matrix.

    Returns:
        The cost in the unit of the prices; with the default prices the error rate; always defined.

    Raises:
        UsageError: a cost matrix that is not square, or prices of another length than the rows.
        NotForMe: more than two classes without a cost matrix.
        TargetError, DataError: positions outside the classes, arrays that differ in length.

    >>> expected_cost([1, 1, 0, 0], [1, 0, 1, 0], cost_fn=9)
    2.5

    Source: Elkan (2001), The foundations of cost-sensitive learning.
    """
    truth, decided = positions(y), positions(decisions, "decisions")
    if len(truth) != len(decided):
        raise DataError(f"{len(truth)} labels came with {len(decided)} decisions; pass one decision a row")
    weight = row_weights(sample_weight, len(truth))
    highest = int(max(truth.max(), decided.max()))
    if cost_matrix is None:
        if max(n_classes or 2, highest + 1) > 2:
            raise NotForMe("cost_fp and cost_fn price two classes; pass cost_matrix for more")
        false_alarm, miss = _prices(cost_fp, len(truth)), _prices(cost_fn, len(truth))
        return mean(
            false_alarm * ((decided == 1) & (truth == 0)) + miss * ((decided == 0) & (truth == 1)), weight
        )
    table = np.asarray(cost_matrix, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise UsageError(
            f"the cost matrix has shape {table.shape}; pass (K, K), rows decision, columns truth"
        )
    if max(n_classes or 2, highest + 1) > len(table):
        raise TargetError(
            f"position {highest} came, the cost matrix knows {len(table)} classes; pass all costs"
        )
    return mean(table[decided, truth], weight)


def _prices(cost: ArrayLike, n: int) -> Floats:
    prices = np.asarray(cost, dtype=np.float64)
    if prices.ndim > 1 or (prices.ndim == 1 and len(prices) != n):
        raise UsageError(f"costs have shape {prices.shape} for {n} rows; pass one number or one cost a row")
    return prices


def from_counts(
    tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike, *, cost_fp: float = 1.0, cost_fn: float = 1.0
) -> Floats:
    """The value from confusion counts of any common shape."""
    false, missed = np.asarray(fp, dtype=np.float64), np.asarray(fn, dtype=np.float64)
    return ratio(cost_fp * false + cost_fn * missed, false + missed + np.add(tp, tn))


def no_skill(prior: Prior, *, cost_fp: float = 1.0, cost_fn: float = 1.0) -> float:
    """Decide for the one class that is cheapest; NaN for K > 2, which needs a cost matrix."""
    if prior.n_classes > 2:
        return float("nan")
    return float(min(cost_fp * prior.p[0], cost_fn * prior.p[1]))


CARD = {
    "lever": "metrics",
    "name": "expected_cost",
    "title": "Mean misclassification cost",
    "seeds": ["012"],
    "example": {"cost_fp": 1.0, "cost_fn": 9.0},
    "since": "0.1",
    "status": "claimed",
    "source": "Elkan (2001), The foundations of cost-sensitive learning",
    "facts": {
        "label": "mean cost",
        "aliases": ["cost"],
        "takes": "decisions",
        "direction": "min",
        "prior_sensitive": True,
        "range": [0.0, None],
        "binary_only": True,
    },
}
