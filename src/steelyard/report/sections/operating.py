"""Where to decide: PR and ROC curves, and a panel to try other thresholds and costs."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from steelyard.report.charts.cuts import Cuts
from steelyard.report.charts.precision_recall import precision_recall
from steelyard.report.charts.roc import roc
from steelyard.report.curve import Curve, curve_of, flagged
from steelyard.report.facts import Facts, mapping, sequence
from steelyard.report.figures import clipped, count, general, number, percent, real
from steelyard.report.tables import Table, plain_table

FIGURES = 21


def operating(facts: Facts) -> dict[str, Any] | None:
    """All four charts, the panel's starting state and its data."""
    curve = curve_of(facts["test"])
    if curve is None:
        return None
    false_alarm, miss, note = costs_of(facts, curve)
    cuts = Cuts.of(curve)
    choice = flagged(facts["test"])
    return {
        "pr": precision_recall(curve, choice),
        "roc": roc(curve, choice),
        "quality": cuts.qualities(),
        "cost": cuts.costs(false_alarm, miss),
        "table": _table(curve, false_alarm, miss),
        "labels": class_labels(facts),
        "state": _state(curve, false_alarm, miss),
        "costs": {"fp": f"{false_alarm:.6g}", "fn": f"{miss:.6g}", "note": note},
        "prevalence": f"{100 * curve.prevalence:.4g}",
        "data": embedded(_data(curve, cuts)),
        "rule": clipped(facts["chosen"].get("rule_text") or ""),
        "exact": curve.exact,
    }


def costs_of(facts: Facts, curve: Curve) -> tuple[float, float, str]:
    """The goal's costs; without any, one for a false alarm and the imbalance ratio for a miss, and a note."""
    false_alarm, miss = real(facts["goal"].get("cost_fp")), real(facts["goal"].get("cost_fn"))
    if false_alarm is not None and miss is not None:
        return false_alarm, miss, ""
    even = max(1, round(curve.negatives / curve.positives))
    why = "The run's costs differ by row" if facts["goal"].get("kind") == "cost" else "No costs were given"
    return 1.0, float(even), f"{why}, so a miss is counted here as {even} false alarms, the imbalance ratio."


def embedded(value: Any) -> Markup:
    r"""JSON that is safe inside a script element, whatever text it holds.

    >>> print(embedded("</script>&"))
    "\u003c/script\u003e\u0026"
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that could end the element is escaped above


def _data(curve: Curve, cuts: Cuts) -> dict[str, Any]:
    return {
        "threshold": [None if t is None else float(f"{t:.6g}") for t in curve.thresholds],
        "tp": [_short(value) for value in curve.tp],
        "fp": [_short(value) for value in curve.fp],
        "x": cuts.x,
        "positives": _short(curve.positives),
        "negatives": _short(curve.negatives),
        "start": curve.start,
        "box": cuts.frame().box,
    }


def _short(value: float) -> float:
    return int(value) if value == int(value) else round(value, 4)


def class_labels(facts: Facts) -> tuple[str, str]:
    """The negative and the positive class's labels."""
    labels = [str(label) for label in sequence(mapping(facts["test"], "confusion"), "labels")]
    if len(labels) != 2:
        labels = [str(label) for label in facts["classes"]]
    if len(labels) != 2:
        return "negative", "positive"
    return clipped(labels[0], 40), clipped(labels[1], 40)


def _state(curve: Curve, false_alarm: float, miss: float) -> dict[str, str]:
    """What the panel shows before anything is touched, and for ever where no script runs."""
    at = curve.start
    tp, fp = curve.tp[at], curve.fp[at]
    threshold = curve.thresholds[at]
    return {
        "threshold": "" if threshold is None else f"{threshold:.6g}",
        "tp": count(tp),
        "fp": count(fp),
        "fn": count(curve.positives - tp),
        "tn": count(curve.negatives - fp),
        "precision": number(curve.precision[at]),
        "recall": number(curve.recall[at]),
        "f1": number(curve.f1[at]),
        "flagged": f"{count(tp + fp)} of {count(curve.positives + curve.negatives)}",
        "cost": general(curve.costs(false_alarm, miss)[at]),
        "bayes": number(false_alarm / (false_alarm + miss) if false_alarm + miss > 0 else None, 4),
    }


def _table(curve: Curve, false_alarm: float, miss: float) -> Table:
    """About twenty cuts spread evenly over the recall reached."""
    costs = curve.costs(false_alarm, miss)
    chosen: dict[int, None] = {}
    for step in range(FIGURES):
        wanted = step / (FIGURES - 1)
        chosen[next((i for i, r in enumerate(curve.recall) if r >= wanted - 1e-9), len(costs) - 1)] = None
    lines = []
    for i in chosen:
        threshold = curve.thresholds[i]
        lines.append(
            [
                "above all" if threshold is None else number(threshold, 4),
                count(curve.tp[i]),
                count(curve.fp[i]),
                number(curve.recall[i]),
                number(curve.precision[i]),
                percent(curve.false_alarm_rate[i]),
                number(curve.f1[i]),
                general(costs[i]),
            ]
        )
    head = [
        "threshold",
        "positives flagged",
        "false alarms",
        "recall",
        "precision",
        "false positive rate",
        "F1",
        "cost per 1000 rows",
    ]
    return plain_table("Points of the curves", head, lines)
