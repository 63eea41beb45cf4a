"""What a ranking is worth, with the prevalence beside it, overall and in every group."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError
from steelyard.metrics._average_precision import area
from steelyard.metrics._normalised_average_precision import above_prevalence
from steelyard.metrics._roc_auc import area as roc_area
from steelyard.metrics.ranking import rank_binary
from steelyard.metrics.rows import binary_scored

__all__ = ["ranking_report"]


def ranking_report(
    y: ArrayLike, scores: ArrayLike, *, groups: ArrayLike | None = None
) -> dict[Any, dict[str, float]]:
    """AUROC, average precision, prevalence and average precision above it, overall and by group.

    When to use it: whenever average precision is reported. It moves with prevalence, so that of two groups ranked
    equally well the one with more positives looks better.

    Args:
        y: 0 and 1 (n,).
        scores: (n,), or (n, 2) of which the second column counts.
        groups: labels (n,) of sub-populations, or None.

    Returns:
        {"all": …, group: …}, each {"rows", "prevalence", "roc_auc", "average_precision",
        "normalised_average_precision"}; NaN where a group holds one class only.

    Raises:
        DataError: another number of groups than rows.

    >>> report = ranking_report([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], groups=["a", "a", "b", "b"])
    >>> report["all"]["roc_auc"], report["a"]["prevalence"], report["b"]["average_precision"]
    (0.75, 0.5, 1.0)

    Source: McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance.
    """
    rows = binary_scored(y, scores, None)
    found: dict[Any, dict[str, float]] = {"all": _row(rows.y, rows.values)}
    if groups is None:
        return found
    group = np.asarray(groups)
    if group.shape != rows.y.shape:
        raise DataError(f"{len(rows.y)} rows came with groups of shape {group.shape}; pass one group a row")
    for name in np.unique(group).tolist():
        found[name] = _row(rows.y[group == name], rows.values[group == name])
    return found


def _row(y: Any, scores: Any) -> dict[str, float]:
    ranking = rank_binary(binary_scored(y, scores, None))
    return {
        "rows": float(len(y)),
        "prevalence": ranking.prevalence,
        "roc_auc": roc_area(ranking),
        "average_precision": area(ranking),
        "normalised_average_precision": above_prevalence(ranking),
    }


CARD = {
    "lever": "metrics",
    "name": "ranking_report",
    "title": "AUROC and average precision with the prevalence, overall and by group",
    "seeds": ["016", "042"],
    "since": "0.1",
    "status": "verified",
    "source": "McDermott et al. (2024), A closer look at AUROC and AUPRC under class imbalance",
    "facts": {"label": "ranking report", "takes": "scores", "gives": "groups"},
}
