"""Everything a report shows, as plain JSON-safe values."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from steelyard.race.choose import Choice, Standing
from steelyard.race.engine import RaceResult

__all__ = ["json_safe", "race_facts", "versions"]

LIBRARIES = ("steelyard", "scikit-learn", "numpy", "scipy", "pandas", "lightgbm", "pyarrow", "skops")


def versions(*more: str) -> dict[str, str]:
    """Versions of what decides a result, and of `more` libraries."""
    found = {"python": platform.python_version()}
    for name in (*LIBRARIES, *more):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def now() -> str:
    """The time, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def race_facts(choice: Choice, result: RaceResult, budget: str | None) -> dict[str, Any]:
    """The race as a ranked table; arms that never finished come last, with the reason."""
    rows = [_row(one, rank, choice, result) for rank, one in enumerate(choice.standings, 1)]
    shown = {one.arm.key for one in choice.standings}
    rows += [
        {
            "rank": None,
            "arm": arm.label,
            "learner": arm.learner.label if arm.learner else "",
            "remedy": arm.remedy.label,
            "finish": "plain",
            "status": result.broken.get(arm.key, "stopped"),
            "reason": result.reasons.get(arm.key, result.stopped or "not run"),
            "control": arm.remedy.control,
            "chosen": False,
        }
        for arm in result.arms
        if arm.key not in shown
    ]
    return {
        "reference": f"doing nothing ({choice.reference.arm.learner.label})"
        if choice.reference.arm.learner
        else "",
        "folds": len(choice.reference.scores),
        "fits": result.fits,
        "budget": budget,
        "stopped": result.stopped or None,
        "rows": rows,
    }


def _row(one: Standing, rank: int, choice: Choice, result: RaceResult) -> dict[str, Any]:
    outcomes = result.outcomes
    level = max(one.basis)
    before, after = outcomes.calibration(one.arm, level)
    gathered: dict[str, list[float]] = {}
    for n in one.basis:
        for name, values in outcomes.metrics(one.arm, n, one.variant).items():
            gathered.setdefault(name, []).extend(values)
    finished = set(one.scores) >= set(choice.chosen.scores) or level == max(choice.chosen.basis)
    return {
        "rank": rank,
        "arm": one.label,
        "learner": one.arm.learner.label if one.arm.learner else "",
        "remedy": one.arm.remedy.label,
        "finish": one.variant,
        "status": "finished" if finished else "stopped",
        "reason": result.reasons.get(one.arm.key) if not finished else None,
        "control": one.arm.remedy.control,
        "chosen": one.key == choice.chosen.key,
        "level": level,
        "folds": len(one.scores),
        "seconds": _seconds(one, result),
        "score": one.score.mean,
        "low": one.score.low,
        "high": one.score.high,
        "difference": one.difference.mean,
        "difference_low": one.difference.low,
        "difference_high": one.difference.high,
        "p_better": one.difference.p_positive,
        "prior_before": before,
        "prior_after": after,
        "metrics": {name: mean_of(values) for name, values in gathered.items()},
    }


def mean_of(values: list[float]) -> float:
    """The mean of the defined values."""
    known = [v for v in values if math.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")


def _seconds(one: Standing, result: RaceResult) -> float | None:
    outcomes = result.outcomes
    times = [
        fit.seconds
        for n in one.basis
        for number in range(len(outcomes.levels[n].folds))
        if (fit := outcomes.ledger.get(outcomes.levels[n].key(number, one.arm.key))) is not None
    ]
    return float(np.mean(times)) if times else None


def json_safe(value: Any) -> Any:
    """Numbers, text, lists and dicts only; what is not finite becomes None."""
    if isinstance(value, Mapping):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [json_safe(item) for item in value]
    if isinstance(value, np.ndarray):
        return json_safe(value.tolist())
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, str) else str(value)
