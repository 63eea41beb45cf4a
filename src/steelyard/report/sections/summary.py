"""The answer first: the verdict's sentences and the few figures that carry it."""

from __future__ import annotations

from typing import Any

from steelyard.report.curve import curve_of
from steelyard.report.facts import Facts, mapping, sequence
from steelyard.report.figures import clipped, count, interval, number, percent, real
from steelyard.report.glossary import word

SILENT = "This run ended without a verdict."
LONGEST = 600


def summary(facts: Facts) -> dict[str, Any]:
    """Verdict and tiles."""
    said = [clipped(sentence, LONGEST) for sentence in facts["verdict"] if sentence]
    tiles = [tile for tile in (_goal(facts), *_operating(facts), _rows(facts)) if tile]
    return {"sentences": said or [SILENT], "tiles": tiles}


def _goal(facts: Facts) -> dict[str, str] | None:
    goal, metrics = facts["goal"], mapping(facts["test"], "metrics")
    reached = mapping(metrics, str(goal.get("name")))
    if real(reached.get("value")) is None:
        return None
    notes = []
    limits = interval(reached.get("low"), reached.get("high"))
    if limits:
        notes.append(limits)
    if real(reached.get("nothing")) is not None:
        notes.append(f"doing nothing {number(reached['nothing'])}")
    label = goal.get("label") or word(str(goal.get("name"))).label
    return _tile(f"{label} on the final test", number(reached["value"]), "; ".join(notes))


def _operating(facts: Facts) -> list[dict[str, str]]:
    curve = curve_of(facts["test"])
    if curve is None or not curve.exact:
        return []
    at = curve.start
    threshold, precision = curve.thresholds[at], curve.precision[at]
    tiles = []
    if threshold is not None:
        tiles.append(_tile("threshold", number(threshold, 4), "flag a row from this probability on"))
    found = f"{count(curve.tp[at])} of {count(curve.positives)} positives found"
    tiles.append(_tile("recall", percent(curve.recall[at]), found))
    right = f"{count(curve.tp[at])} of {count(curve.tp[at] + curve.fp[at])} flagged rows are positive"
    tiles.append(_tile("precision", percent(precision), right))
    return tiles


def _rows(facts: Facts) -> dict[str, str] | None:
    counts = mapping(mapping(facts["data"], "counts"), "train")
    known = [value for value in map(real, counts.values()) if value]
    rows = real(facts["data"].get("rows"))
    if rows is None or not known:
        return None
    kinds = len(sequence(facts, "classes")) or len(known)
    note = f"{kinds} classes, 1 : {max(known) / min(known):.3g} rarest to commonest"
    return _tile(clipped(facts.get("noun") or "rows", 20), count(rows), note)


def _tile(label: str, value: str, note: str) -> dict[str, str]:
    return {"label": clipped(label, 80), "value": value, "note": note}
