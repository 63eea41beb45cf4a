"""Scores drawn from a known law, and every figure of a final test part that follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    fbeta_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
    roc_auc_score,
)


def scores(rows: int = 2000, share: float = 0.0745, skill: float = 1.5, seed: int = 0) -> tuple[Any, Any]:
    """Labels and their true probabilities: a normal score, shifted by `skill` for positives."""
    rng = np.random.default_rng(seed)
    y = np.zeros(rows, dtype=int)
    y[: round(rows * share)] = 1
    rng.shuffle(y)
    z = rng.normal(size=rows) + skill * y
    odds = np.exp(skill * z - skill**2 / 2) * share / (1 - share)
    return y, odds / (1 + odds)


def hits(y: Any, p: Any, threshold: float) -> int:
    return int(((p >= threshold) & (y == 1)).sum())


def false_alarms(y: Any, p: Any, threshold: float) -> int:
    return int(((p >= threshold) & (y == 0)).sum())


def final_test(y: Any, p: Any, raw: Any, threshold: float) -> dict[str, Any]:
    decided = (p >= threshold).astype(int)
    cuts = np.unique(p)[::-1]
    if len(cuts) > 999:
        cuts = cuts[np.linspace(0, len(cuts) - 1, 999).round().astype(int)]
    edges = np.linspace(0, 1, 31)
    recall, specificity = decided[y == 1].mean(), 1 - decided[y == 0].mean()
    values = {
        "average_precision": average_precision_score(y, p), "roc_auc": roc_auc_score(y, p), "log_loss": log_loss(y, p),
        "brier": brier_score_loss(y, p), "f1": fbeta_score(y, decided, beta=1), "f2": fbeta_score(y, decided, beta=2),
        "mcc": matthews_corrcoef(y, decided), "balanced_accuracy": balanced_accuracy_score(y, decided),
        "g_mean": np.sqrt(recall * specificity), "expected_calibration_error": 0.008,
    }  # fmt: skip
    precision, found, f1, support = precision_recall_fscore_support(y, decided)
    return {
        "rows": len(y),
        "metrics": {
            name: {"value": float(v), "low": float(v) * 0.9, "high": float(v) * 1.1, "nothing": float(v) * 0.99}
            for name, v in values.items()
        },
        "confusion": {"labels": ["0", "1"], "matrix": confusion_matrix(y, decided).tolist()},
        "binary": {
            "threshold": threshold, "positives": int(y.sum()), "negatives": int((y == 0).sum()),
            "curve": {
                "threshold": cuts.tolist(), "tp": [hits(y, p, t) for t in cuts],
                "fp": [false_alarms(y, p, t) for t in cuts],
            },
            "calibration": bins(y, p), "calibration_raw": bins(y, raw),
            "histogram": {
                "edges": edges.tolist(), "positive": np.histogram(p[y == 1], edges)[0].tolist(),
                "negative": np.histogram(p[y == 0], edges)[0].tolist(),
            },
        },
        "per_class": [
            {
                "label": str(k), "rows": int(support[k]), "recall": float(found[k]), "precision": float(precision[k]),
                "f1": float(f1[k]), "average_precision": float(average_precision_score(y == k, p if k else 1 - p)),
            }
            for k in (0, 1)
        ],
    }  # fmt: skip


def bins(y: Any, p: Any) -> dict[str, list[float]]:
    bins: dict[str, list[float]] = {name: [] for name in ("predicted", "observed", "low", "high", "count")}
    for rows in np.array_split(np.argsort(p), 10):
        n, share = len(rows), y[rows].mean()
        middle, half = (
            (share + 2 / n) / (1 + 4 / n),
            2 * np.sqrt(share * (1 - share) / n + 1 / n**2) / (1 + 4 / n),
        )
        values = (p[rows].mean(), share, max(0.0, middle - half), min(1.0, middle + half), n)
        for name, value in zip(bins, values, strict=True):
            bins[name].append(float(value))
    return bins


def groups(y: Any, p: Any, threshold: float) -> list[dict[str, Any]]:
    kind = np.random.default_rng(7).choice(3, size=len(y), p=[0.78, 0.19, 0.03])
    found = []
    for value in range(3):
        here, q = y[kind == value], p[kind == value]
        flagged = hits(here, q, threshold) + false_alarms(here, q, threshold)
        found.append(
            {
                "column": "travel_type_id", "value": str(value + 1), "rows": len(here), "positives": int(here.sum()),
                "metrics": {
                    "recall": hits(here, q, threshold) / here.sum() if here.sum() else None,
                    "precision": hits(here, q, threshold) / flagged if flagged else None,
                    "average_precision": float(average_precision_score(here, q)) if here.sum() else None,
                },
            }
        )  # fmt: skip
    return found


def slices(y: Any, p: Any) -> list[dict[str, Any]]:
    names = ["to_area_id is missing", "from_date after 1 October 2013", "vehicle_model_id is 85"]
    rng = np.random.default_rng(11)
    loss = -np.log(np.where(y == 1, p, 1 - p))
    found = []
    for name in names:
        rows = rng.choice(len(y), size=int(rng.integers(80, 400)), replace=False)
        found.append(
            {
                "text": name, "rows": len(rows), "positives": int(y[rows].sum()), "metric": "log_loss",
                "value": float(loss[rows].mean() * 1.6), "overall": float(loss.mean()),
            }
        )  # fmt: skip
    return found
