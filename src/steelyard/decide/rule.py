"""What every decision rule can do: decide, say itself in a sentence, be written down."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.decide.row_costs import RowCosts

__all__ = ["Rule"]


@dataclass(frozen=True, eq=False)
class Rule(ABC):
    """Turns calibrated probabilities into decisions; small, frozen, and the same after a trip through JSON.

    When to use it: as the last step of a model. `Goal.fit_rule` makes the rule that serves a goal,
    `rule_from_json` restores it.

    Attributes:
        kind: the name of the rule in JSON.
    """

    kind: ClassVar[str]

    @abstractmethod
    def decide(self, p: ArrayLike, *, costs: RowCosts | None = None) -> NDArray[np.int64]:
        """Class positions (n,) from probabilities (n, K); (n,) means the positive class of two.

        Args:
            p: calibrated probabilities.
            costs: the costs of these very rows, for rules that need them.
        """

    @property
    @abstractmethod
    def text(self) -> str:
        """The rule as part of a sentence."""

    def for_rows(self, n: int) -> Rule:  # noqa: ARG002 - only rules with a capacity need it
        """The same rule for `n` rows at a time; only rules with a capacity differ."""
        return self

    def to_json(self) -> dict[str, Any]:
        """The rule as JSON-safe values, `{"kind": …, …}`."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"kind": self.kind} | {
            name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(str(self.to_json()))
