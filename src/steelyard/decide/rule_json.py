"""Restore a rule that was written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.core import UsageError
from steelyard.decide.argmax import ArgMax
from steelyard.decide.class_multipliers import ClassMultipliers
from steelyard.decide.expected_cost import ExpectedCost
from steelyard.decide.expected_f import ExpectedF
from steelyard.decide.row_cost_rule import RowCostRule
from steelyard.decide.rule import Rule
from steelyard.decide.threshold import Threshold
from steelyard.decide.top_k import TopK

__all__ = ["rule_from_json"]

RULES: dict[str, type[Rule]] = {
    rule.kind: rule
    for rule in (ArgMax, ClassMultipliers, ExpectedCost, ExpectedF, RowCostRule, Threshold, TopK)
}


def rule_from_json(stored: Mapping[str, Any]) -> Rule:
    """The rule that `Rule.to_json` wrote.

    Raises:
        UsageError: an unknown kind, or fields that do not belong to it.

    >>> rule_from_json({"kind": "threshold", "value": 0.2}).decide([0.1, 0.3]).tolist()
    [0, 1]
    """
    kind = stored.get("kind")
    if kind not in RULES:
        raise UsageError(f"the rule is of kind {kind!r}, known are {', '.join(sorted(RULES))}")
    try:
        return RULES[kind](**{name: value for name, value in stored.items() if name != "kind"})
    except TypeError as error:
        raise UsageError(
            f"the stored {kind} rule has the wrong fields {sorted(stored)}; write it anew"
        ) from error
