"""Find a threshold from probabilities instead of labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import TooFewSamples
from steelyard.decide.rows import class_positions, positive_scores, row_weights
from steelyard.decide.threshold_search import CountMetric, best_threshold
from steelyard.metrics import Metric

__all__ = ["expected_threshold"]


def expected_threshold(
    y: ArrayLike,
    p: ArrayLike,
    metric: str | Metric | CountMetric,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""The threshold at which a metric of the *expected* confusion counts is best.

    When to use it: calibrated out-of-fold probabilities and few positives. The labels of a few dozen positives
    draw a ragged curve with accidental peaks; the probabilities draw a smooth one. `best_threshold` counts
    labels and is the better one for scores that are no probabilities.

    A row counts as p positive and 1 - p negative rows:
    :math:`\mathrm{TP}(t) = \sum_{p_i \ge t} w_i p_i`, :math:`\mathrm{FP}(t) = \sum_{p_i \ge t} w_i (1 - p_i)`.

    Args:
        y: class positions (n,), only to see that there are rows of both classes.
        p: calibrated probabilities (n,) of the positive class, or (n, 2).
        metric: a metric's name, a `Metric` with `from_counts`, or a function of the four counts to maximise.
        sample_weight: (n,) or None; the probabilities must have been calibrated with the same weights.

    Returns:
        The threshold; a row is positive where its probability is at least that.

    Raises:
        TooFewSamples: rows of one class only.
        UsageError: the metric has no confusion-count form.

    >>> p = np.array([0.1, 0.2, 0.4, 0.9])
    >>> expected_threshold([0, 0, 1, 1], p, "f1").__round__(2)
    0.3

    Source: Ye, Chai, Lee and Chieu (2012), Optimizing F-Measure: A Tale of Two Approaches.
    """
    chance = positive_scores(p)
    weight = row_weights(sample_weight, len(chance))
    if len(np.unique(class_positions(y, len(chance), 2)[weight > 0])) < 2:
        raise TooFewSamples("a threshold for a metric needs held-out rows of both classes")
    both = np.repeat([1, 0], len(chance))
    counted = np.concatenate([weight * chance, weight * (1 - chance)])
    return best_threshold(both, np.tile(chance, 2), metric, sample_weight=counted)[0]


CARD = {
    "lever": "decide",
    "name": "expected_threshold",
    "title": "Threshold for the expected confusion counts of calibrated probabilities",
    "seeds": ["001", "039", "042", "075"],
    "needs": ["probabilities"],
    "example": {"metric": "f1"},
    "since": "0.1",
    "status": "claimed",
    "source": "Ye, Chai, Lee, Chieu (2012), Optimizing F-Measure: A Tale of Two Approaches",
    "facts": {},
}
