"""What may be asked of a goal, checked in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from steelyard.core import UsageError
from steelyard.decide.expected_cost import cost_table
from steelyard.metrics import named

Kind = Literal["metric", "cost", "min_precision", "min_recall", "alerts"]

KINDS: dict[str, Kind] = {
    "metric": "metric",
    "cost_fp": "cost",
    "cost_fn": "cost",
    "cost_matrix": "cost",
    "min_precision": "min_precision",
    "min_recall": "min_recall",
    "alerts": "alerts",
}


def kind_of(asked: Mapping[str, Any]) -> Kind:
    """The one kind of goal that was asked for; a metric when none was."""
    kinds = {KINDS[name]: name for name, value in asked.items() if value is not None and name in KINDS}
    if len(kinds) > 1:
        raise UsageError(f"{' and '.join(sorted(kinds.values()))} were given as goals; give one of them")
    return next(iter(kinds), "metric")


def check(asked: Mapping[str, Any], n_classes: int) -> dict[str, Any]:
    """The options brought to their plain types, or a UsageError."""
    kind, options = kind_of(asked), dict(asked)
    if n_classes < 2:
        raise UsageError(f"there are {n_classes} classes, a goal needs at least 2; check the target")
    if kind == "metric":
        options["metric"] = _metric(asked["metric"] or "average_precision", n_classes)
    elif n_classes > 2 and asked["cost_matrix"] is None:
        instead = "cost_matrix" if kind == "cost" else "metric or cost_matrix"
        raise UsageError(f"{kind} is a goal for two classes and {n_classes} came; give {instead} instead")
    elif kind == "cost":
        options |= _costs(asked, n_classes)
    elif kind == "alerts":
        options |= {"alerts": _whole("alerts", asked["alerts"])}
    else:
        options[kind] = _share(kind, asked[kind])
    if asked["n_rows"] is not None:
        options["n_rows"] = _whole("n_rows", asked["n_rows"])
        if kind != "alerts":
            options["n_rows"] = None
        elif options["alerts"] > options["n_rows"]:
            raise UsageError(
                f"{options['alerts']} alerts were asked for {options['n_rows']} rows; ask for fewer"
            )
    return options


def _metric(name: str, n_classes: int) -> str:
    metric = named(name)
    if metric.binary_only and n_classes > 2:
        raise UsageError(
            f"{metric.name} is for two classes and {n_classes} came; choose another metric, such as f1"
        )
    return metric.name


def _costs(asked: Mapping[str, Any], n_classes: int) -> dict[str, Any]:
    if asked["cost_matrix"] is not None:
        if asked["cost_fp"] is not None or asked["cost_fn"] is not None:
            raise UsageError("a cost matrix came with cost_fp or cost_fn; give one or the other")
        table = cost_table(asked["cost_matrix"])
        if len(table) != n_classes:
            raise UsageError(
                f"the cost matrix knows {len(table)} classes and {n_classes} came; give one row a class"
            )
        return {"cost_matrix": tuple(tuple(row) for row in table.tolist())}
    prices = {name: _price(name, asked[name]) for name in ("cost_fp", "cost_fn")}
    if prices["cost_fp"] == 0 and prices["cost_fn"] == 0:
        raise UsageError("both costs are 0, so every decision is as good; give at least one above 0")
    return prices


def _price(name: str, cost: Any) -> float | str:
    if cost is None:
        return 1.0
    if isinstance(cost, str):
        return cost
    if isinstance(cost, bool) or not 0 <= cost < float("inf"):
        raise UsageError(f"{name} is {cost!r}, expected a number of at least 0 or the name of a column")
    return float(cost)


def _share(name: str, value: Any) -> float:
    if isinstance(value, bool) or not 0 < value <= 1:
        raise UsageError(f"{name} is {value!r}, expected a share above 0 and up to 1, such as 0.9")
    return float(value)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise UsageError(f"{name} is {value!r}, expected a whole number of at least 1")
    return int(value)
