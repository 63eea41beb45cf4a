"""Decide row by row from the costs of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import UsageError
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import positive_scores
from steelyard.decide.rule import Rule

__all__ = ["RowCostRule"]


@dataclass(frozen=True, eq=False)
class RowCostRule(Rule):
    r"""Flag a row where flagging is expected to cost no more than passing: :math:`(1 - p) c_{fp} \leq p\, c_{fn}`.

    When to use it: two classes, calibrated probabilities, and costs that differ from row to row.

    Raises:
        UsageError: no costs were passed, or not one pair a row.

    >>> RowCostRule().decide([0.1, 0.1], costs=RowCosts(fp=[5, 5], fn=[100, 2])).tolist()
    [1, 0]

    Source: Bahnsen, Stojanovic, Aouada, Ottersten (2013), Cost Sensitive Credit Card Fraud Detection using Bayes
    Minimum Risk.
    """

    kind: ClassVar[str] = "row_costs"

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:
        """Class positions (n,); a row on which a miss costs nothing is passed."""
        scores = positive_scores(p)
        if costs is None or len(costs) != len(scores):
            came = "no costs" if costs is None else f"{len(costs)} costs"
            raise UsageError(
                f"{came} came for {len(scores)} rows, this rule decides by the costs of each; pass costs="
            )
        flag = (1 - scores) * costs.fp <= scores * costs.fn
        return (flag & (costs.fn > 0)).astype(np.int64)

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        return "positive where, by the costs of the row, flagging is expected to cost no more than passing"


CARD = {
    "lever": "decide",
    "name": "RowCostRule",
    "title": "Bayes decision for costs per row",
    "seeds": ["012"],
    "needs": ["probabilities", "costs"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Bahnsen et al. (2013), Cost Sensitive Credit Card Fraud Detection using Bayes Minimum Risk",
    "facts": {},
}
