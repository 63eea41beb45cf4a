"""Decide by a cut on the probability of the positive class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import UsageError
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import positive_scores
from steelyard.decide.rule import Rule

__all__ = ["Threshold"]


@dataclass(frozen=True, eq=False)
class Threshold(Rule):
    r"""Positive where the probability of the positive class reaches a threshold: :math:`p_1 \geq t`.

    When to use it: two classes. `Threshold.of_costs` is the Bayes decision for two prices;
    `best_threshold` finds the value for a metric.

    Attributes:
        value: the threshold t, any finite number.
        because: why this value, as part of a sentence; may be empty.

    Raises:
        UsageError: a threshold that is no finite number.
        NotForMe: probabilities of more than two classes.

    >>> Threshold(0.3).decide([0.2, 0.3, 0.9]).tolist()
    [0, 1, 1]

    Source: Elkan (2001), The Foundations of Cost-Sensitive Learning.
    """

    kind: ClassVar[str] = "threshold"

    value: float
    because: str = ""

    def __post_init__(self) -> None:
        """Refuse values JSON cannot carry."""
        object.__setattr__(self, "value", float(self.value))
        if not np.isfinite(self.value):
            raise UsageError(f"the threshold is {self.value}, expected a finite number such as 0.5")

    @classmethod
    def of_costs(cls, *, fp: float, fn: float) -> Threshold:
        r"""The threshold of least expected cost on calibrated probabilities: :math:`t = c_{fp} / (c_{fp} + c_{fn})`.

        >>> Threshold.of_costs(fp=1, fn=9).value
        0.1
        """
        if not (0 <= fp < np.inf and 0 <= fn < np.inf and fp + fn > 0):
            raise UsageError(
                f"the costs are fp {fp} and fn {fn}, expected numbers of at least 0, one of them above"
            )
        return cls(fp / (fp + fn), because=f"a false alarm costs {fp:g} and a miss {fn:g}")

    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:  # noqa: ARG002 - one signature for all rules
        """Class positions (n,), 0 or 1."""
        return (positive_scores(p) >= self.value).astype(np.int64)

    @property
    def text(self) -> str:
        """The rule as part of a sentence."""
        rule = f"positive where the probability is at least {self.value:.4g}"
        return f"{rule}, because {self.because}" if self.because else rule


CARD = {
    "lever": "decide",
    "name": "Threshold",
    "title": "Threshold on the positive class",
    "seeds": ["001", "012", "023", "039"],
    "needs": ["probabilities"],
    "example": {"value": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Elkan (2001), The Foundations of Cost-Sensitive Learning",
    "facts": {},
}
