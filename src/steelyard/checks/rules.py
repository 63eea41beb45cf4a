"""The protocol of decision rules."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.checks.rows import probabilities, rare_rows
from steelyard.decide import RowCosts, rule_from_json

__all__ = ["check_rule"]


def check_rule(rule: Any) -> None:
    """Check that a rule decides, says itself, and survives a trip through JSON.

    When to use it: in the tests of a decision rule of your own for two classes.

    It demands: `decide(p, costs=...)` with int64 class positions (n,), no warnings, inputs left alone; `text`
    in words; `to_json` that `json` can write and `rule_from_json` restores to a rule with the same decisions.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.decide import Threshold
    >>> check_rule(Threshold(0.2))
    """
    _, y = rare_rows()
    p = probabilities(y)
    costs = RowCosts(fp=np.ones(len(y)), fn=np.full(len(y), 9.0))
    with quietly("the rule"), untouched(p, what="the rule"):
        decided = rule.decide(p, costs=costs)
    demand(
        isinstance(decided, np.ndarray) and decided.dtype == np.int64 and decided.shape == (len(p),),
        f"decide gave {getattr(decided, 'dtype', type(decided).__name__)} of shape {np.shape(decided)}; "
        f"expected int64 ({len(p)},)",
    )
    demand(np.isin(decided, (0, 1)).all(), "decide gave other positions than 0 and 1")
    demand_equal(rule.decide(p[:, 1], costs=costs), decided, "(n,) and (n, 2) give different decisions")
    demand(isinstance(rule.text, str) and rule.text.strip(), "text is empty; say the rule in words")
    restored = rule_from_json(json.loads(json.dumps(rule.to_json())))
    demand_equal(restored.decide(p, costs=costs), decided, "the rule decides differently after JSON")
