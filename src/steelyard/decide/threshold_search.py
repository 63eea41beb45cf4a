"""Find the best threshold among all of them, at the price of one sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Floats, TooFewSamples, UsageError
from steelyard.decide.rows import class_positions, positive_scores, row_weights
from steelyard.metrics import Metric, named

__all__ = ["CountMetric", "ThresholdCurve", "best_threshold", "threshold_curve"]

CountMetric: TypeAlias = Callable[[Floats, Floats, Floats, Floats], Floats]
"""Values (m,) from arrays of true positives, false positives, false negatives, true negatives; higher is better."""

SAME = 1e-12  # values and counts closer than this (relatively) differ by rounding only


class ThresholdCurve(NamedTuple):
    """The confusion counts at every threshold that makes a difference, highest threshold first.

    Arrays of equal length (m + 1,) for m distinct scores; the first entry flags no row, the last flags all.
    """

    thresholds: Floats
    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats


def threshold_curve(
    y: ArrayLike, scores: ArrayLike, sample_weight: ArrayLike | None = None
) -> ThresholdCurve:
    """Count what every threshold would flag.

    When to use it: to draw or search anything that depends on a threshold. Cuts lie half-way between
    neighbouring distinct scores; the lowest is the lowest score, the highest just above the highest score.

    Args:
        y: class positions (n,), 1 the positive class.
        scores: (n,) of the positive class, or (n, 2) probabilities; any finite numbers.
        sample_weight: (n,) or None; rows of weight 0 do not count.

    Returns:
        A `ThresholdCurve`; a row is flagged where its score is at least the threshold.

    Raises:
        DataError: arrays that do not fit, or scores that are not finite.
        TooFewSamples: no row with positive weight.

    >>> curve = threshold_curve([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2])
    >>> curve.thresholds.round(4).tolist(), curve.tp.tolist()
    ([0.9, 0.75, 0.5, 0.3, 0.2], [0.0, 1.0, 1.0, 2.0, 2.0])
    """
    return _count(y, scores, sample_weight)[0]


def _count(y: ArrayLike, scores: ArrayLike, sample_weight: ArrayLike | None) -> tuple[ThresholdCurve, Floats]:
    """The curve and the distinct scores (m,), highest first."""
    values = positive_scores(scores)
    truth, weight = class_positions(y, len(values), 2), row_weights(sample_weight, len(values))
    kept = np.flatnonzero(weight > 0)
    if not len(kept):
        raise TooFewSamples(
            "no row with positive weight came, a threshold needs at least one; pass labelled rows"
        )
    order = kept[np.argsort(-values[kept], kind="stable")]
    values, positive, weight = values[order], truth[order] == 1, weight[order]
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    tp = np.append(0.0, np.cumsum(weight * positive)[last])
    fp = np.append(0.0, np.cumsum(weight * ~positive)[last])
    distinct = values[last]
    high, low = distinct[:-1], distinct[1:]
    middle = low + (high - low) / 2
    cuts = np.concatenate(
        # between two neighbouring floats the middle may round down to the lower one
        [[np.nextafter(distinct[0], np.inf)], np.where(middle > low, middle, high), distinct[-1:]]
    )
    return ThresholdCurve(cuts, tp, fp, tp[-1] - tp, fp[-1] - fp), distinct


def best_threshold(
    y: ArrayLike,
    scores: ArrayLike,
    metric: str | Metric | CountMetric,
    *,
    sample_weight: ArrayLike | None = None,
    min_precision: float | None = None,
    min_recall: float | None = None,
    grid: ArrayLike | None = None,
    ties: Literal["highest", "lowest"] = "highest",
) -> tuple[float, float]:
    r"""The threshold at which a metric of decisions is best, over all distinct cuts.

    When to use it: two classes and out-of-fold scores; never the scores of rows a model was fitted on. Exact,
    in :math:`O(n \log n)`.

    Args:
        y: class positions (n,), 1 the positive class.
        scores: (n,) of the positive class, or (n, 2) probabilities.
        metric: a metric's name, a `Metric` with `from_counts`, or a function of the four counts to maximise.
        sample_weight: (n,) or None.
        min_precision: only thresholds with at least this precision; flagging no row meets it.
        min_recall: only thresholds with at least this recall.
        grid: thresholds to choose from, in place of all cuts.
        ties: which of equally good thresholds to take; the highest flags the fewest rows.

    Returns:
        The threshold and the metric's value there.

    Raises:
        UsageError: the metric has no confusion-count form, or a bound lies outside [0, 1].
        TooFewSamples: the metric is defined at no threshold, as with one class only.
        DataError: no threshold meets the bounds, or arrays do not fit.

    >>> best_threshold([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.2], "f1")
    (0.3, 0.8)

    Source: Lipton, Elkan, Naryanaswamy (2014), Optimal Thresholding of Classifiers to Maximize F1 Measure.
    """
    of_counts, sign = _count_form(metric)
    curve, distinct = _count(y, scores, sample_weight)
    thresholds = curve.thresholds
    if grid is not None:
        thresholds = np.unique(np.asarray(grid, dtype=np.float64))[::-1]
        flagged = np.searchsorted(-distinct, -thresholds, side="right")
        curve = ThresholdCurve(thresholds, *(counts[flagged] for counts in curve[1:]))
    values = sign * np.asarray(of_counts(*curve[1:]), dtype=np.float64)
    if np.isnan(values).all():
        raise TooFewSamples("the metric is undefined at every threshold; rows of both classes are needed")
    allowed = _allowed(curve, min_precision, min_recall) & ~np.isnan(values)
    if not allowed.any():
        raise DataError(
            f"no threshold reaches min_precision={min_precision} and min_recall={min_recall}; ask for less of one"
        )
    best = values[allowed].max()
    equal = np.flatnonzero(allowed & (values >= best - SAME * max(1.0, abs(best))))
    chosen = equal[0 if ties == "highest" else -1]
    return float(thresholds[chosen]), float(sign * values[chosen])


def _count_form(metric: str | Metric | CountMetric) -> tuple[CountMetric, int]:
    """A function of the counts and the sign that makes higher better."""
    found = named(metric) if isinstance(metric, str) else metric
    if not isinstance(found, Metric):
        return found, 1
    if found.from_counts is None:
        raise UsageError(
            f"{found.name} is no function of the confusion counts, so no threshold serves it; "
            "choose one that is, such as f1 or mcc"
        )
    return found.from_counts, found.sign


def _allowed(curve: ThresholdCurve, min_precision: float | None, min_recall: float | None) -> np.ndarray:
    allowed = np.ones(len(curve.thresholds), dtype=bool)
    for name, bound, reached, out_of in (
        ("min_precision", min_precision, curve.tp, curve.tp + curve.fp),
        ("min_recall", min_recall, curve.tp, curve.tp + curve.fn),
    ):
        if bound is None:
            continue
        if not 0 <= bound <= 1:
            raise UsageError(f"{name} is {bound}, expected a share from 0 to 1")
        allowed &= reached >= bound * out_of * (1 - SAME)
    return allowed


CARD = {
    "lever": "decide",
    "name": "best_threshold",
    "title": "Exact threshold search for any metric of the confusion counts",
    "seeds": ["001", "023", "039", "042", "075"],
    "needs": ["scores"],
    "example": {"metric": "f1"},
    "since": "0.1",
    "status": "claimed",
    "source": "Lipton, Elkan, Naryanaswamy (2014), Optimal Thresholding of Classifiers to Maximize F1 Measure",
    "facts": {},
}
