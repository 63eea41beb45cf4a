"""Decide for the most probable class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import class_scores
from steelyard.decide.rule import Rule

__all__ = ["ArgMax"]


@dataclass(frozen=True, eq=False)
class ArgMax(Rule):
    """The most probable class; the first one on ties.

    When to use it: as the reference every other rule has to beat. It minimises the error rate on calibrated
    probabilities and hardly ever decides for a rare class.

    >>> ArgMax().decide([[0.6, 0.4], [0.3, 0.7]]).tolist()
    [0, 1]
    """

    kind: ClassVar[str] = "argmax"

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:  # noqa: ARG002 - one signature for all rules
        """Class positions (n,)."""
        return np.asarray(class_scores(p).argmax(axis=1), dtype=np.int64)

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        return "the most probable class"


CARD = {
    "lever": "decide",
    "name": "ArgMax",
    "title": "Most probable class",
    "seeds": ["001"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Duda, Hart (1973), Pattern Classification and Scene Analysis",
    "facts": {},
}
