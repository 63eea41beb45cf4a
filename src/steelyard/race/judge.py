"""The one judgement on rows no choice has seen: figures with intervals, curves, slices. Plain numbers only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import Floats, derive
from steelyard.decide import Goal, Judged, threshold_curve
from steelyard.metrics import TEN, Metric, average_precision, bootstrap, named, wilson_interval
from steelyard.race.problem import Problem

__all__ = ["calibration_curve", "final_test", "group_results", "tail_slices"]

CURVE_POINTS = 1000


def final_test(
    test: Problem,
    p: Floats,
    decisions: NDArray[np.int64],
    *,
    raw: Floats,
    nothing: tuple[Floats, NDArray[np.int64]],
    goal: Goal,
    threshold: float | None,
    seed: int,
) -> dict[str, Any]:
    """Everything the report says about the final test part; `nothing` is doing nothing on the same rows."""
    labels = [str(label) for label in test.labels]
    matrix = np.zeros((test.n_classes, test.n_classes))
    weight = np.ones(test.n) if test.sample_weight is None else test.sample_weight
    np.add.at(matrix, (test.y, decisions), weight)
    return {
        "rows": test.n,
        "metrics": _metrics(test, p, decisions, nothing, goal, seed),
        "confusion": {"labels": labels, "matrix": matrix.tolist()},
        "binary": _binary(test, p, raw, threshold) if test.n_classes == 2 else None,
        "per_class": [_per_class(test, p, decisions, k) for k in range(test.n_classes)],
    }


def _metrics(
    test: Problem,
    p: Floats,
    decisions: NDArray[np.int64],
    nothing: tuple[Floats, NDArray[np.int64]],
    goal: Goal,
    seed: int,
) -> dict[str, dict[str, float]]:
    names = [goal.bounded, *TEN] if goal.bounded else list(TEN)
    if goal.kind == "metric" and goal.name not in names:
        names.insert(0, goal.name)
    found = {}
    draws = int(np.clip(1e6 / test.n, 100, 500))
    for name in names:
        metric = named(name)
        value, low, high = _interval(metric, test, p, decisions, draws, seed)
        found[name] = {
            "value": value,
            "low": low,
            "high": high,
            "nothing": metric(test.y, nothing[0], nothing[1], test.sample_weight),
        }
    if goal.kind != "metric":
        value, low, high = _goal_interval(goal, test, p, decisions, draws, seed)
        reached = goal.reached(Judged(test.y, *nothing, test.sample_weight, test.costs))
        found = {goal.name: {"value": value, "low": low, "high": high, "nothing": reached}, **found}
    return found


def _interval(
    metric: Metric, test: Problem, p: Floats, decisions: NDArray[np.int64], draws: int, seed: int
) -> tuple[float, float, float]:
    arrays: list[Any] = [test.y, p, decisions]
    if test.sample_weight is not None:
        arrays.append(test.sample_weight)
    return bootstrap(
        metric, *arrays, n=draws, seed=derive(seed, "bootstrap", metric.name), groups=test.groups
    )


def _goal_interval(
    goal: Goal, test: Problem, p: Floats, decisions: NDArray[np.int64], draws: int, seed: int
) -> tuple[float, float, float]:
    rows = np.arange(test.n)

    def score(y: Any, p: Any, decisions: Any, rows: Any) -> float:
        weight = None if test.sample_weight is None else test.sample_weight[rows]
        costs = None if test.costs is None else test.costs.take(rows)
        return goal.reached(Judged(y, p, decisions, weight, costs))

    return bootstrap(
        score,
        test.y,
        p,
        decisions,
        rows,
        n=draws,
        seed=derive(seed, "bootstrap", goal.name),
        groups=test.groups,
    )


def _binary(test: Problem, p: Floats, raw: Floats, threshold: float | None) -> dict[str, Any]:
    score = p[:, 1]
    weight = np.ones(test.n) if test.sample_weight is None else test.sample_weight
    cuts, tp, fp, *_ = threshold_curve(test.y, score, sample_weight=test.sample_weight)
    keep = np.unique(np.linspace(0, len(cuts) - 1, CURVE_POINTS).round().astype(int))
    edges = np.linspace(0, max(float(score.max()), 1e-6), 31)
    return {
        "threshold": threshold,
        "positives": float(weight[test.y == 1].sum()),
        "negatives": float(weight[test.y == 0].sum()),
        "curve": {
            "threshold": [_finite(v) for v in cuts[keep]],
            "tp": tp[keep].tolist(),
            "fp": fp[keep].tolist(),
        },
        "calibration": calibration_curve(test.y, score),
        "calibration_raw": calibration_curve(test.y, raw[:, 1]),
        "histogram": {
            "edges": edges.tolist(),
            "positive": np.histogram(score[test.y == 1], edges, weights=weight[test.y == 1])[0].tolist(),
            "negative": np.histogram(score[test.y == 0], edges, weights=weight[test.y == 0])[0].tolist(),
        },
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def calibration_curve(y: NDArray[np.int64], score: Floats, *, bins: int = 10) -> dict[str, list[float]]:
    """Mean prediction and observed share in bins of equal count, with Wilson 95 % intervals."""
    parts = [part for part in np.array_split(np.argsort(score, kind="stable"), bins) if len(part)]
    sizes = np.array([len(part) for part in parts])
    hits = np.array([y[part].sum() for part in parts])
    low, high = wilson_interval(hits, sizes)
    return {
        "predicted": [float(score[part].mean()) for part in parts],
        "observed": (hits / sizes).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "count": sizes.astype(float).tolist(),
    }


def _per_class(test: Problem, p: Floats, decisions: NDArray[np.int64], k: int) -> dict[str, Any]:
    truth, said = test.y == k, decisions == k
    hits = float((truth & said).sum())
    recall = hits / truth.sum() if truth.any() else float("nan")
    precision = hits / said.sum() if said.any() else float("nan")
    f1 = 2 * hits / (truth.sum() + said.sum()) if (truth.any() or said.any()) else float("nan")
    ranked = average_precision(truth.astype(np.int64), p[:, k], sample_weight=test.sample_weight)
    return {
        "label": str(test.labels[k]),
        "rows": int(truth.sum()),
        "recall": float(recall),
        "precision": float(precision),
        "f1": float(f1),
        "average_precision": float(ranked),
    }


def group_results(
    test: Problem, p: Floats, decisions: NDArray[np.int64], roles: dict[Any, str]
) -> list[dict[str, Any]]:
    """Recall, precision and ranking for every value of columns with two to eight values (binary problems)."""
    if test.n_classes != 2 or not isinstance(test.X, pd.DataFrame):
        return []
    found: list[dict[str, Any]] = []
    for name in test.X.columns:
        values = test.X[name]
        if not 2 <= values.nunique() <= 8 or roles.get(str(name)) in {"date", "text", "constant"}:
            continue
        for value, rows in _values(values):
            positives = int(test.y[rows].sum())
            if positives >= 5 and len(rows) >= 30:
                figures = _per_class(test.take(rows), p[rows], decisions[rows], 1)
                found.append(
                    {
                        "column": str(name),
                        "value": value,
                        "rows": len(rows),
                        "positives": positives,
                        "metrics": {m: figures[m] for m in ("recall", "precision", "average_precision")},
                    }
                )
        if len(found) > 30:
            break
    return found


def tail_slices(test: Problem, p: Floats, *, most: int = 8) -> list[dict[str, Any]]:
    """Simple slices on which the probabilities are worst: values, missing cells, quarters of numbers."""
    if not isinstance(test.X, pd.DataFrame):
        return []
    loss = -np.log(np.clip(p[np.arange(test.n), test.y], 1e-6, None))
    overall, least = float(loss.mean()), max(30, test.n // 50)
    found = []
    for name in test.X.columns:
        for text, rows in _slices(test.X[name]):
            if least <= len(rows) <= 0.6 * test.n:
                part = loss[rows]
                lower = float(part.mean() - 2 * part.std() / np.sqrt(len(rows)))
                found.append((lower, text, rows, float(part.mean())))
    found.sort(key=lambda item: -item[0])
    return [
        {
            "text": text,
            "rows": len(rows),
            "positives": int((test.y[rows] == test.n_classes - 1).sum()),
            "metric": "log_loss",
            "value": value,
            "overall": overall,
        }
        for lower, text, rows, value in found[:most]
        if lower > overall
    ]


def _values(column: pd.Series[Any]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    codes, levels = pd.factorize(column)
    for code, level in enumerate(levels):
        yield str(level), np.flatnonzero(codes == code)


def _slices(column: pd.Series[Any]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    missing = np.flatnonzero(column.isna().to_numpy())
    if len(missing):
        yield f"{column.name} is missing", missing
    if column.nunique() <= 20:
        for value, rows in _values(column):
            yield f"{column.name} is {value}", rows
    elif pd.api.types.is_numeric_dtype(column):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        low, high = np.nanquantile(numbers, [0.25, 0.75])
        yield f"{column.name} below {low:.4g}", np.flatnonzero(numbers < low)
        yield f"{column.name} above {high:.4g}", np.flatnonzero(numbers > high)
