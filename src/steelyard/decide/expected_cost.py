"""Decide for the class of least expected cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, UsageError
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import class_scores
from steelyard.decide.rule import Rule

__all__ = ["ExpectedCost"]


@dataclass(frozen=True, eq=False)
class ExpectedCost(Rule):
    r"""The Bayes decision for a cost matrix: :math:`\arg\min_k \sum_j C_{kj} p_j`.

    When to use it: any number of classes, calibrated probabilities, and a price for every kind of error. No
    search is needed and none is better.

    Attributes:
        matrix: C (K, K), rows the decision, columns the truth; negative entries are gains.

    Raises:
        UsageError: not a square matrix of finite numbers.
        DataError: probabilities of another number of classes.

    >>> ExpectedCost([[0, 9], [1, 0]]).decide([0.05, 0.2]).tolist()
    [0, 1]

    Source: Elkan (2001), The Foundations of Cost-Sensitive Learning.
    """

    kind: ClassVar[str] = "expected_cost"

    matrix: Floats

    def __post_init__(self) -> None:
        """Bring the matrix to an array and check it once."""
        object.__setattr__(self, "matrix", cost_table(self.matrix))

    def expected(self, p: ArrayLike) -> Floats:
        """The expected cost (n, K) of every decision on every row."""
        scores = class_scores(p)
        if scores.shape[1] != len(self.matrix):
            raise DataError(
                f"probabilities of {scores.shape[1]} classes came with a cost matrix of {len(self.matrix)}; "
                "give costs for all classes"
            )
        return np.asarray(scores @ self.matrix.T)

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:  # noqa: ARG002 - one signature for all rules
        """Class positions (n,); the last class on ties, so that two classes agree with `Threshold.of_costs`."""
        last_first = self.expected(p)[:, ::-1]
        return np.asarray(len(self.matrix) - 1 - last_first.argmin(axis=1), dtype=np.int64)

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        return (
            f"the class of least expected cost under the {len(self.matrix)} × {len(self.matrix)} cost matrix"
        )


def cost_table(matrix: ArrayLike) -> Floats:
    """A cost matrix as float64 (K, K), checked."""
    try:
        table = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            "the cost matrix holds something other than numbers, or rows of unequal length"
        ) from error
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2 or not np.isfinite(table).all():
        raise UsageError(
            f"the cost matrix has shape {table.shape}; pass finite numbers (K, K), rows decision, columns truth"
        )
    return table


CARD = {
    "lever": "decide",
    "name": "ExpectedCost",
    "title": "Bayes decision for a cost matrix",
    "seeds": ["012"],
    "needs": ["probabilities"],
    "example": {"matrix": [[0, 9], [1, 0]]},
    "since": "0.1",
    "status": "claimed",
    "source": "Elkan (2001), The Foundations of Cost-Sensitive Learning",
    "facts": {},
}
