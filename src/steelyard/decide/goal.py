"""What the user wants: the rule it leads to, and how well it was reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats
from steelyard.decide._expected_threshold import expected_threshold
from steelyard.decide._savings import mean_cost
from steelyard.decide.bounds import Bound, Judged
from steelyard.decide.class_multipliers import ClassMultipliers
from steelyard.decide.expected_cost import ExpectedCost
from steelyard.decide.goal_options import Kind, check, kind_of
from steelyard.decide.multiplier_search import best_multipliers
from steelyard.decide.row_cost_rule import RowCostRule
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import class_scores
from steelyard.decide.rule import Rule
from steelyard.decide.threshold import Threshold
from steelyard.decide.threshold_search import best_threshold
from steelyard.decide.top_k import TopK
from steelyard.metrics import named

__all__ = ["Goal"]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal out of five kinds: a metric, costs, a bound on precision or recall, or a number of alerts.

    When to use it: make one with `Goal.of`, fit its rule on calibrated out-of-fold probabilities, score with it.

    - metric: as good as possible by one metric. When it depends on decisions, the rule is the threshold that
      maximises its expectation or, for many classes, the multipliers (coordinate ascent) that maximise it;
      otherwise the rule serves F1 and says so.
    - cost: the least mean cost per row, by the Bayes decision on calibrated probabilities; nothing is searched.
    - min_precision, min_recall: the most recall (precision) among thresholds that keep the bound.
    - alerts: the most positives among so many flagged rows.

    Attributes:
        kind: "metric", "cost", "min_precision", "min_recall" or "alerts".
        metric: the metric's name, for kind "metric".
        cost_fp, cost_fn: a number, or the name of a column with a cost per row.
        cost_matrix: (K, K) as nested tuples, rows the decision, columns the truth.
        min_precision, min_recall, alerts: the bound or capacity.
        n_rows: the number of rows `alerts` are out of, or None.
        n_classes: K.
    """

    kind: Kind
    metric: str | None = None
    cost_fp: float | str | None = None
    cost_fn: float | str | None = None
    cost_matrix: tuple[tuple[float, ...], ...] | None = None
    min_precision: float | None = None
    min_recall: float | None = None
    alerts: int | None = None
    n_rows: int | None = None
    n_classes: int = 2

    @classmethod
    def of(
        cls,
        metric: str | None = None,
        *,
        cost_fp: float | str | None = None,
        cost_fn: float | str | None = None,
        cost_matrix: ArrayLike | None = None,
        min_precision: float | None = None,
        min_recall: float | None = None,
        alerts: int | None = None,
        n_rows: int | None = None,
        n_classes: int = 2,
    ) -> Goal:
        """Check what was asked and name it; with nothing asked the goal is average precision.

        Args:
            metric: a metric's name or alias.
            cost_fp, cost_fn: what a false alarm and a miss cost, a number or a column's name; one alone makes
                the other 1.
            cost_matrix: (K, K), rows the decision, columns the truth.
            min_precision: maximise recall at this precision or more.
            min_recall: maximise precision at this recall or more.
            alerts: maximise the positives among this many flagged rows.
            n_rows: the rows that `alerts` are out of, so that a part of them gets its share; None to flag the
                same number however many rows come.
            n_classes: K.

        Raises:
            UsageError: goals that exclude each other, values out of range, or a goal for two classes with more.

        >>> Goal.of(cost_fp=1, cost_fn=9).fit_rule([0.05, 0.2], [0, 1]).decide([0.05, 0.2]).tolist()
        [0, 1]
        """
        asked = {
            "metric": metric,
            "cost_fp": cost_fp,
            "cost_fn": cost_fn,
            "cost_matrix": cost_matrix,
            "min_precision": min_precision,
            "min_recall": min_recall,
            "alerts": alerts,
            "n_rows": n_rows,
        }
        return cls(kind=kind_of(asked), n_classes=n_classes, **check(asked, n_classes))

    @property
    def name(self) -> str:
        """The metric's name, or the name of the quantity that is scored."""
        return {
            "metric": self.metric or "",
            "cost": "mean_cost",
            "min_precision": "recall_at_precision",
            "min_recall": "precision_at_recall",
            "alerts": "recall_at_alerts",
        }[self.kind]

    @property
    def label(self) -> str:
        """What people read."""
        if self.kind == "metric":
            return named(self.name).label
        return {
            "cost": "mean cost per row",
            "min_precision": f"recall at precision of at least {self.min_precision}",
            "min_recall": f"precision at recall of at least {self.min_recall}",
            "alerts": f"recall within {self.alerts} alerts",
        }[self.kind]

    @property
    def text(self) -> str:
        """The goal in one sentence."""
        if self.kind == "metric":
            return f"Reach the {'highest' if self.direction == 'max' else 'lowest'} {self.label}."
        if self.kind == "cost" and self.cost_matrix is None:
            return (
                f"Reach the lowest mean cost per row, {self._price('a false alarm', self.cost_fp)} and "
                + (f"{self._price('a miss', self.cost_fn)}.")
            )
        return {
            "cost": "Reach the lowest mean cost per row under the given cost matrix.",
            "min_precision": f"Find as many positives as possible with a precision of at least {self.min_precision}; "
            "below zero: by how much the precision misses that.",
            "min_recall": f"Flag as precisely as possible with a recall of at least {self.min_recall}; "
            "below zero: by how much the recall misses that.",
            "alerts": f"Find as many positives as possible with {self.alerts} alerts"
            + (f" out of {self.n_rows} rows." if self.n_rows else "."),
        }[self.kind]

    @staticmethod
    def _price(what: str, cost: float | str | None) -> str:
        return f"{what} costing {cost:g}" if isinstance(cost, float) else f"{what} costing the row's {cost!r}"

    @property
    def direction(self) -> Literal["max", "min"]:
        """Which way is better."""
        if self.kind == "metric":
            return named(self.name).direction
        return "min" if self.kind == "cost" else "max"

    @property
    def sign(self) -> int:
        """+1 when higher is better, -1 when lower is."""
        return 1 if self.direction == "max" else -1

    @property
    def needs_decision(self) -> bool:
        """Whether the score depends on decisions, not on probabilities alone."""
        if self.kind == "metric":
            return named(self.name).takes == "decisions"
        return self.kind != "alerts"

    @property
    def of_decisions(self) -> bool:
        """Whether the goal is a metric of decisions, which any operating point may serve."""
        return self.kind == "metric" and self.needs_decision

    @property
    def per_row(self) -> bool:
        """Whether a cost is read from a column, so that rows need `RowCosts`."""
        return isinstance(self.cost_fp, str) or isinstance(self.cost_fn, str)

    def row_costs(self, columns: Mapping[str, ArrayLike]) -> RowCosts | None:
        """The costs of rows whose columns are given; None when the goal has no cost per row.

        Raises:
            DataError: the column is missing, or holds something other than finite numbers of at least 0.
        """
        if not self.per_row:
            return None
        found: dict[str, Any] = {}
        for side, cost in (("fp", self.cost_fp), ("fn", self.cost_fn)):
            if isinstance(cost, str) and cost not in columns:
                raise DataError(f"the cost column {cost!r} is not among the columns; name one that is")
            found[side] = _numbers(columns[cost], cost) if isinstance(cost, str) else cost
        n = max(np.size(value) for value in found.values())
        return RowCosts(**{side: np.broadcast_to(value, (n,)) for side, value in found.items()})

    def fit_rule(
        self,
        p: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        costs: RowCosts | None = None,
    ) -> Rule:
        """The rule that serves the goal.

        Args:
            p: calibrated out-of-fold probabilities (n, K), or (n,) of the positive class.
            y: class positions (n,).
            sample_weight: (n,) or None.
            costs: costs of the rows; the Bayes decision does not learn from them.

        Raises:
            TooFewSamples: a search needs rows of both classes.
        """
        if self.kind == "cost":
            return self._cost_rule(per_row=costs is not None or self.per_row)
        if self.kind == "alerts" and self.alerts is not None:
            return TopK(self.alerts, None if self.n_rows is None else min(1.0, self.alerts / self.n_rows))
        if self.kind == "metric":
            return self._metric_rule(p, y, sample_weight)
        aim = "recall" if self.kind == "min_precision" else "precision"
        value, reached = best_threshold(
            y,
            p,
            aim,
            sample_weight=sample_weight,
            min_precision=self.min_precision,
            min_recall=self.min_recall,
        )
        because = f"there the {aim} is highest ({reached:.3g}) within the bound, on held-out rows"
        return Threshold(value, because if reached > 0 else "no lower one keeps the bound on held-out rows")

    def _cost_rule(self, *, per_row: bool) -> Rule:
        if per_row and self.cost_matrix is None:
            return RowCostRule()
        if self.cost_matrix is None:
            return Threshold.of_costs(fp=float(self.cost_fp or 0), fn=float(self.cost_fn or 0))
        table = np.asarray(self.cost_matrix)
        if len(table) == 2 and table[1, 0] >= table[0, 0] and table[0, 1] > table[1, 1]:
            return Threshold.of_costs(fp=table[1, 0] - table[0, 0], fn=table[0, 1] - table[1, 1])
        return ExpectedCost(table)

    def _metric_rule(self, p: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Rule:
        metric = named(self.name)
        served = metric if metric.takes == "decisions" else named("f1")
        if self.n_classes == 2:
            value = expected_threshold(y, p, served, sample_weight=sample_weight)
            reached = served(y, p, Threshold(value).decide(p), sample_weight)
        else:
            values, reached = best_multipliers(y, p, served, sample_weight=sample_weight)
        because = f"there {served.label} promises to be best ({reached:.3g} on held-out rows)"
        if served is not metric:
            because += f"; {metric.label} itself does not depend on decisions"
        return Threshold(value, because) if self.n_classes == 2 else ClassMultipliers(values, because)

    def score(
        self,
        y: ArrayLike,
        p: ArrayLike,
        decisions: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        costs: RowCosts | None = None,
    ) -> float:
        """How well the goal was reached on labelled rows; `direction` says which way is better.

        A bound that is broken scores the (negative) amount it is missed by, so every arm that keeps it ranks
        higher and among the others the nearest miss ranks first. Precision counts as kept when nothing is
        flagged. Alerts are counted on the probabilities: the recall among the highest rows, as many as the
        capacity leaves to this number of rows.

        Args:
            y: class positions (n,).
            p: probabilities (n, K), or (n,) of the positive class.
            decisions: decided class positions (n,).
            sample_weight: (n,) or None.
            costs: costs of the rows, when costs come from a column.

        Returns:
            The score; NaN where it is undefined, such as recall without positives.

        Raises:
            DataError: costs per row are needed and did not come.
        """
        if self.kind == "metric":
            return float(named(self.name)(y, p, decisions, sample_weight))
        if self.kind == "cost":
            return mean_cost(y, decisions, self._prices(costs), sample_weight=sample_weight)
        if self.kind == "alerts":
            decisions = self.fit_rule(p, y).for_rows(len(class_scores(p))).decide(p)
            bound = Bound("precision", 0.0)  # none: the recall is what counts
        else:
            bound = self._bound
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return bound.score(Judged(np.asarray(y), class_scores(p), np.asarray(decisions), weight))

    def score_folds(self, folds: Sequence[Judged]) -> list[float]:
        """The score on every fold; a bound is judged on all folds together, which is steadier.

        When to use it: to compare models by cross-validation. See `score` for a single set of rows.
        """
        if self.bounded:
            return self._bound.score_folds(folds)
        return [
            self.score(one.y, one.p, one.decisions, sample_weight=one.weight, costs=one.costs)
            for one in folds
        ]

    def reached(self, rows: Judged) -> float:
        """What to report of one set of rows: the score, for a bound the other share even when the bound is missed.

        When to use it: beside the bounded share itself, `bounded`, so that readers see both.
        """
        if self.bounded:
            return self._bound.reached(rows)
        return self.score(rows.y, rows.p, rows.decisions, sample_weight=rows.weight, costs=rows.costs)

    @property
    def bounded(self) -> Literal["", "precision", "recall"]:
        """The share that is bounded."""
        kept: dict[str, Literal["precision", "recall"]]
        kept = {"min_precision": "precision", "min_recall": "recall"}
        return kept.get(self.kind, "")

    @property
    def _bound(self) -> Bound:
        if self.min_precision is not None:
            return Bound("precision", self.min_precision)
        return Bound("recall", self.min_recall or 0.0)

    def _prices(self, costs: RowCosts | None) -> RowCosts | Floats:
        if self.cost_matrix is not None:
            return np.asarray(self.cost_matrix)
        if costs is not None:
            return costs
        if self.per_row:
            raise DataError("this goal reads costs from a column, and none came for these rows; pass costs=")
        return np.array([[0.0, float(self.cost_fn or 0)], [float(self.cost_fp or 0), 0.0]])

    def to_json(self) -> dict[str, Any]:
        """The goal as JSON-safe values."""
        stored = asdict(self)
        if self.cost_matrix is not None:
            stored["cost_matrix"] = [list(row) for row in self.cost_matrix]
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Goal:
        """The goal that `to_json` wrote.

        >>> goal = Goal.of("f1")
        >>> Goal.from_json(goal.to_json()) == goal
        True
        """
        return cls.of(**{name: value for name, value in stored.items() if name != "kind"})


def _numbers(column: ArrayLike, name: str) -> Floats:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"the cost column {name!r} holds something other than numbers; clean it first"
        ) from error
