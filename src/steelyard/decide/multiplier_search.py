"""Find class multipliers for a metric of decisions on many classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import Floats, UsageError
from steelyard.decide.class_multipliers import ClassMultipliers
from steelyard.decide.class_sums import ClassSums, class_sums
from steelyard.decide.rows import class_positions, class_scores, class_totals, row_weights
from steelyard.metrics import Metric, named

__all__ = ["best_multipliers"]

ROUNDING = 1e-10  # values closer than this are equal
SETTLED = 1e-4  # a whole sweep that brings less than this is the last
SWEEPS = 20


def best_multipliers(
    y: ArrayLike, p: ArrayLike, metric: str | Metric, *, sample_weight: ArrayLike | None = None
) -> tuple[Floats, float]:
    r"""Class multipliers under which a metric of decisions is high; never worse than the most probable class.

    When to use it: more than two classes and out-of-fold probabilities (for two, `best_threshold` is exact).
    One multiplier after the other is set to its best value over all cut points, exactly and in
    :math:`O(n \log n)`, until a sweep hardly improves; from equal multipliers and from inverse frequencies, keeping the
    better end.

    Args:
        y: class positions (n,).
        p: probabilities (n, K).
        metric: a metric's name or a `Metric` of decisions.
        sample_weight: (n,) or None.

    Returns:
        Multipliers (K,) of geometric mean one, and the metric's value on these rows.

    Raises:
        UsageError: the metric does not judge decisions.
        DataError, TargetError: arrays that do not fit.

    >>> p = [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.6, 0.2, 0.2]]
    >>> best_multipliers([0, 0, 1, 2], p, "balanced_accuracy")[1]
    1.0

    Source: Lachiche, Flach (2003), Improving Accuracy and Cost of Two-class and Multi-class Probabilistic
    Classifiers Using ROC Curves.
    """
    judge = named(metric) if isinstance(metric, str) else metric
    if judge.takes != "decisions":
        raise UsageError(
            f"{judge.name} does not judge decisions, so no multiplier serves it; try f1 or g_mean"
        )
    scores = class_scores(p)
    n, n_classes = scores.shape
    truth, weight = class_positions(y, n, n_classes), row_weights(sample_weight, n)
    kept = weight > 0
    rows = _Rows(scores[kept], truth[kept], weight[kept])

    def value(multipliers: Floats) -> float:
        decisions = ClassMultipliers(multipliers).decide(rows.p)
        return judge(rows.y, rows.p, decisions, rows.weight)

    equal = np.ones(n_classes)
    rare_first = 1 / np.maximum(class_totals(rows.y, rows.weight, n_classes), rows.weight.min())
    ends = [equal]
    for form in class_sums(judge, rows.y, rows.weight, n_classes):
        ends += [_ascend(rows, form, start) for start in (equal, rare_first)]
    # judged by the metric itself; the first of equals is the most probable class
    values = [judge.sign * value(end) for end in ends]
    chosen = ends[int(np.nanargmax(values)) if not np.isnan(values).all() else 0]
    return np.asarray(chosen / np.exp(np.log(chosen).mean())), value(chosen)


@dataclass(frozen=True, eq=False)
class _Rows:
    p: Floats
    y: NDArray[np.int64]
    weight: Floats


def _ascend(rows: _Rows, form: ClassSums, start: Floats) -> Floats:
    """Improve one multiplier at a time until a whole sweep brings nothing."""
    multipliers, reached = start.copy(), -np.inf
    for _ in range(SWEEPS):
        before = reached
        for k in range(len(start)):
            multipliers[k], reached = _line_search(rows, form, multipliers, k)
        if not reached > before + SETTLED:
            break
    return multipliers


def _line_search(rows: _Rows, form: ClassSums, multipliers: Floats, k: int) -> tuple[float, float]:
    """The best multiplier of class k with all others fixed, and the value there."""
    others = rows.p * multipliers
    others[:, k] = -1.0
    rival = others.argmax(axis=1)
    ahead, own = others[np.arange(len(rival)), rival], rows.p[:, k]
    with np.errstate(divide="ignore", invalid="ignore"):
        switch = np.where(own > 0, ahead / own, np.inf)  # the multiplier at which the row goes over to k
    order = np.argsort(switch, kind="stable")
    order = order[np.isfinite(switch[order])]
    at = switch[order]
    values = form.path(rival, k, order)
    below, above = np.append(0.0, at), np.append(at, np.inf)
    possible = (below < above) & np.append(True, at < np.inf)
    values = np.where(possible, values, -np.inf)
    best = values.max()
    equal = np.flatnonzero(values >= best - ROUNDING)
    # among equals the cut nearest to the present multiplier, so that the search settles
    cuts = _between(below[equal], above[equal])
    nearest = int(np.abs(np.log(cuts / multipliers[k])).argmin())
    low, high = below[equal[nearest]], above[equal[nearest]]
    keeps = low < multipliers[k] < high
    return float(multipliers[k] if keeps else cuts[nearest]), float(best)


def _between(low: Floats, high: Floats) -> Floats:
    """A positive number between two: their geometric mean, or twice or half the one that is usable."""
    with np.errstate(invalid="ignore"):
        middle = np.sqrt(low) * np.sqrt(high)
    return np.where(
        low <= 0, np.where(np.isinf(high), 1.0, high / 2), np.where(np.isinf(high), low * 2, middle)
    )


CARD = {
    "lever": "decide",
    "name": "best_multipliers",
    "title": "Class multipliers by coordinate ascent with exact line search",
    "seeds": ["071"],
    "needs": ["probabilities"],
    "example": {"metric": "f1"},
    "since": "0.1",
    "status": "claimed",
    "source": "Lachiche, Flach (2003), Improving Accuracy and Cost of Probabilistic Classifiers Using ROC Curves",
    "facts": {},
}
