"""Decide under a capacity: flag the highest so many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import UsageError
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import positive_scores
from steelyard.decide.rule import Rule

__all__ = ["TopK"]


@dataclass(frozen=True, eq=False)
class TopK(Rule):
    """Flag the k rows with the highest probability among the rows given together; earlier rows first on ties.

    When to use it: somebody can look at k rows and no more.

    Attributes:
        k: how many rows to flag, at least 1; fewer when fewer rows are given.
        rate: the share of rows that k is in ordinary use, or None; `for_rows` scales k by it.

    Raises:
        UsageError: k below 1, or a rate outside (0, 1].

    >>> TopK(2).decide([0.1, 0.9, 0.3, 0.3]).tolist()
    [0, 1, 1, 0]
    >>> TopK(200, rate=0.02).for_rows(1000).k
    20
    """

    kind: ClassVar[str] = "top_k"

    k: int
    rate: float | None = None

    def __post_init__(self) -> None:
        """Check the capacity once."""
        if isinstance(self.k, bool) or int(self.k) != self.k or self.k < 1:
            raise UsageError(f"k is {self.k!r}, expected a whole number of at least 1")
        if self.rate is not None and not 0 < self.rate <= 1:
            raise UsageError(f"rate is {self.rate}, expected a share above 0 and up to 1, or None")
        object.__setattr__(self, "k", int(self.k))

    def for_rows(self, n: int) -> TopK:
        """The rule for `n` rows at a time: the same share of them, at least one; without a rate the same k."""
        return self if self.rate is None else TopK(max(1, round(self.rate * n)), self.rate)

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:  # noqa: ARG002 - one signature for all rules
        """Class positions (n,), at most k of them 1."""
        scores = positive_scores(p)
        flags = np.zeros(len(scores), dtype=np.int64)
        flags[np.argsort(-scores, kind="stable")[: self.k]] = 1
        return flags

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        return f"positive for the {self.k} rows with the highest probability"


CARD = {
    "lever": "decide",
    "name": "TopK",
    "title": "Capacity: the k highest rows",
    "seeds": ["058"],
    "needs": ["probabilities"],
    "example": {"k": 10},
    "since": "0.1",
    "status": "claimed",
    "source": "Clémençon, Vayatis (2007), Ranking the Best Instances",
    "facts": {},
}
