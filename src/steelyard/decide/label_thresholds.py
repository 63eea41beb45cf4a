"""One threshold a label, where several labels may apply to a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, TooFewSamples, UsageError
from steelyard.decide.rows import row_weights
from steelyard.decide.threshold_search import best_threshold, threshold_curve
from steelyard.metrics import Metric, named

__all__ = ["LabelThresholds", "best_label_thresholds"]

BETAS = {"f1": 1.0, "f2": 2.0}
SAME = 1e-12


class LabelThresholds:
    """Every label applies where its probability reaches its own threshold.

    When to use it: several labels a row, each rare in its own way. `best_label_thresholds` finds the values.

    Args:
        values: one threshold a label (L,).

    Raises:
        UsageError: thresholds that are no finite numbers.

    >>> LabelThresholds([0.5, 0.1]).decide([[0.6, 0.2], [0.4, 0.05]]).tolist()
    [[1, 1], [0, 0]]

    Source: Lipton, Elkan, Naryanaswamy (2014), Optimal Thresholding of Classifiers to Maximize F1 Measure.
    """

    def __init__(self, values: Sequence[float] | Floats) -> None:
        self.values = np.asarray(values, dtype=np.float64)
        if self.values.ndim != 1 or not len(self.values) or not np.isfinite(self.values).all():
            raise UsageError(f"the thresholds are {self.values.tolist()}, expected one finite number a label")

    def decide(self, p: ArrayLike) -> NDArray[np.int64]:
        """Indicators (n, L) from label probabilities (n, L)."""
        scores = np.asarray(p, dtype=np.float64)
        if scores.ndim != 2 or scores.shape[1] != len(self.values):
            raise DataError(
                f"probabilities came with shape {scores.shape}, the thresholds know {len(self.values)} labels; "
                "pass rows × labels"
            )
        return (scores >= self.values).astype(np.int64)

    def to_json(self) -> dict[str, Any]:
        """The thresholds as JSON-safe values."""
        return {"values": self.values.tolist()}


def best_label_thresholds(
    Y: ArrayLike,
    p: ArrayLike,
    metric: str | Metric = "f1",
    *,
    average: Literal["macro", "micro"] = "macro",
    sample_weight: ArrayLike | None = None,
) -> tuple[LabelThresholds, float]:
    r"""The thresholds, one a label, at which a metric over labels is best; exact.

    When to use it: several labels a row and held-out probabilities of each. "macro" averages the metric over
    labels, so every label is searched alone. "micro" pools the counts of all labels; F is then a ratio of sums,
    :math:`F = (1 + \beta^2) \sum_l TP_l / \sum_l (\beta^2 P_l + n_l)`, and is raised by choosing in every label the cut
    with the highest :math:`(1 + \beta^2) TP_l - F n_l` until F stays: each step raises F, so it ends, and where it ends
    no thresholds are better.

    Args:
        Y: indicators (n, L).
        p: probabilities (n, L).
        metric: for "macro" any metric of the confusion counts, for "micro" f1 or f2.
        average: "macro" or "micro".
        sample_weight: (n,) or None.

    Returns:
        The thresholds, and the metric's value there. A label that never (or always) applies flags nothing and
        does not count in "macro".

    Raises:
        UsageError: an unknown average, or a metric it cannot serve.
        DataError: arrays that do not fit.
        TooFewSamples: no label has rows of both kinds.

    >>> Y, p = [[1, 0], [0, 0], [0, 1], [1, 0]], [[0.3, 0.1], [0.2, 0.2], [0.1, 0.3], [0.9, 0.1]]
    >>> found, value = best_label_thresholds(Y, p)
    >>> found.values.tolist(), value
    ([0.25, 0.25], 1.0)

    Source: Lipton, Elkan, Naryanaswamy (2014), Optimal Thresholding of Classifiers to Maximize F1 Measure;
    Dinkelbach (1967), On Nonlinear Fractional Programming.
    """
    truth, scores = _matrices(Y, p)
    weight = row_weights(sample_weight, len(truth))
    judge = named(metric) if isinstance(metric, str) else metric
    if average == "macro":
        return _macro(truth, scores, weight, judge)
    if average != "micro":
        raise UsageError(f"average is {average!r}, expected 'macro' or 'micro'")
    if judge.name not in BETAS:
        raise UsageError(
            f"{judge.name} pooled over labels has no exact search; take f1 or f2, or average='macro'"
        )
    return _micro(truth, scores, weight, BETAS[judge.name] ** 2)


def _macro(
    truth: NDArray[np.int64], scores: Floats, weight: Floats, judge: Metric
) -> tuple[LabelThresholds, float]:
    values, reached = [], []
    for y, column in zip(truth.T, scores.T, strict=True):
        try:
            value, score = best_threshold(y, column, judge, sample_weight=weight)
        except TooFewSamples:
            value, score = _above(column), np.nan
        if 0 < weight @ y < weight.sum():
            reached.append(score)
        else:
            value = _above(column)
        values.append(value)
    if not reached:
        raise TooFewSamples("no label has rows it applies to and others; pass more rows")
    return LabelThresholds(values), float(np.mean(reached))


def _micro(
    truth: NDArray[np.int64], scores: Floats, weight: Floats, square: float
) -> tuple[LabelThresholds, float]:
    curves = [threshold_curve(y, column, weight) for y, column in zip(truth.T, scores.T, strict=True)]
    positives = float((weight @ truth).sum())
    if not positives:
        raise TooFewSamples("no label applies to any row; pass more rows")
    ratio, cuts = -1.0, [0] * len(curves)
    while True:
        price = max(ratio, 0.0)
        cuts = [int(((1 + square) * c.tp - price * (c.tp + c.fp)).argmax()) for c in curves]
        hits = sum(float(c.tp[cut]) for c, cut in zip(curves, cuts, strict=True))
        flagged = hits + sum(float(c.fp[cut]) for c, cut in zip(curves, cuts, strict=True))
        reached = (1 + square) * hits / (square * positives + flagged)
        if reached <= ratio + SAME:
            return LabelThresholds([c.thresholds[cut] for c, cut in zip(curves, cuts, strict=True)]), reached
        ratio = reached


def _above(column: Floats) -> float:
    return float(np.nextafter(column.max(), np.inf))


def _matrices(Y: ArrayLike, p: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    truth, scores = np.asarray(Y), np.asarray(p, dtype=np.float64)
    if scores.ndim != 2 or truth.shape != scores.shape or not len(scores):
        raise DataError(
            f"indicators of shape {truth.shape} came with probabilities of shape {scores.shape}; "
            "pass rows × labels for both"
        )
    if not np.isfinite(scores).all() or not np.isin(truth, (0, 1)).all():
        raise DataError("the indicators must be 0 or 1 and the probabilities finite; clean them first")
    return truth.astype(np.int64), scores


CARD = {
    "lever": "decide",
    "name": "best_label_thresholds",
    "title": "Exact thresholds for many labels, macro and micro",
    "seeds": ["074", "105"],
    "needs": ["scores"],
    "example": {"metric": "f1"},
    "since": "0.1",
    "status": "claimed",
    "source": "Lipton, Elkan, Naryanaswamy (2014), Optimal Thresholding of Classifiers to Maximize F1 Measure",
    "facts": {},
}
