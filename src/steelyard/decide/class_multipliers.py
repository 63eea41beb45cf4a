"""Decide for the class with the highest weighted probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, UsageError
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import class_scores
from steelyard.decide.rule import Rule

__all__ = ["ClassMultipliers"]


@dataclass(frozen=True, eq=False)
class ClassMultipliers(Rule):
    r"""The threshold for many classes: decide for :math:`\arg\max_k p_k v_k`.

    When to use it: more than two classes and a metric of decisions; `best_multipliers` finds the values. With
    :math:`v_k = 1/\pi_k` it maximises balanced accuracy on calibrated probabilities.

    Attributes:
        values: v, one positive number a class (K,).
        because: why these values, as part of a sentence; may be empty.

    Raises:
        UsageError: a multiplier that is not positive and finite.
        DataError: probabilities of another number of classes.

    >>> ClassMultipliers([1, 3]).decide([[0.7, 0.3], [0.8, 0.2]]).tolist()
    [1, 0]

    Source: Lachiche, Flach (2003), Improving Accuracy and Cost of Two-class and Multi-class Probabilistic
    Classifiers Using ROC Curves.
    """

    kind: ClassVar[str] = "class_multipliers"

    values: Floats
    because: str = ""

    def __post_init__(self) -> None:
        """Bring the values to an array and check them once."""
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all() or (values <= 0).any():
            raise UsageError(f"the multipliers are {values.tolist()}, expected one positive number a class")
        object.__setattr__(self, "values", values)

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:  # noqa: ARG002 - one signature for all rules
        """Class positions (n,); the first class on ties."""
        scores = class_scores(p)
        if scores.shape[1] != len(self.values):
            raise DataError(
                f"probabilities of {scores.shape[1]} classes came, the rule knows {len(self.values)}; "
                "use the model they belong to"
            )
        return np.asarray((scores * self.values).argmax(axis=1), dtype=np.int64)

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        shown = ", ".join(f"{value:.3g}" for value in self.values[:8]) + (
            ", …" if len(self.values) > 8 else ""
        )
        rule = f"the class with the highest probability times its multiplier ({shown})"
        return f"{rule}, because {self.because}" if self.because else rule


CARD = {
    "lever": "decide",
    "name": "ClassMultipliers",
    "title": "Class multipliers: thresholds for many classes",
    "seeds": ["071", "095"],
    "needs": ["probabilities"],
    "example": {"values": [1.0, 3.0]},
    "since": "0.1",
    "status": "claimed",
    "source": "Lachiche, Flach (2003), Improving Accuracy and Cost of Probabilistic Classifiers Using ROC Curves",
    "facts": {},
}
