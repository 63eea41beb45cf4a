"""Recall of frequent, middling and rare classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior
from steelyard.metrics.counts import confusion_matrix, ratio

__all__ = ["recall_by_frequency"]


def recall_by_frequency(
    y: ArrayLike,
    decisions: ArrayLike,
    prior: Prior,
    *,
    many: float = 100,
    few: float = 20,
    sample_weight: ArrayLike | None = None,
) -> dict[str, float]:
    """The mean recall of the classes that were many, medium and few in training.

    When to use it: with many classes, to see whether a gain in the tail was paid for by the head.

    Args:
        y: class positions (n,), in the order of `prior.labels`.
        decisions: decided class positions (n,).
        prior: the prior of the training rows; its counts form the groups.
        many: classes with more training rows than this are "many".
        few: classes with fewer training rows than this are "few".
        sample_weight: (n,) or None.

    Returns:
        {"many", "medium", "few"}: the mean over the group's classes that occur in `y`; NaN when none does.

    >>> prior = Prior.of([0] * 200 + [1] * 50 + [2] * 5)
    >>> recall_by_frequency([0, 0, 1, 2], [0, 0, 0, 2], prior)
    {'many': 1.0, 'medium': 0.0, 'few': 1.0}

    Source: Liu et al. (2019), Large-scale long-tailed recognition in an open world.
    """
    matrix = confusion_matrix(y, decisions, sample_weight=sample_weight, n_classes=prior.n_classes)
    recalls = ratio(matrix.diagonal(), matrix.sum(axis=1))
    place = {label: k for k, label in enumerate(prior.labels)}
    means = {}
    for name, labels in prior.groups(many=many, few=few).items():
        met = [recalls[place[label]] for label in labels if not np.isnan(recalls[place[label]])]
        means[name] = float(np.mean(met)) if met else float("nan")
    return means


CARD = {
    "lever": "metrics",
    "name": "recall_by_frequency",
    "title": "Recall of many-, medium- and few-shot classes",
    "seeds": ["012"],
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2019), Large-scale long-tailed recognition in an open world",
    "facts": {"label": "recall by class frequency", "takes": "decisions", "gives": "groups"},
}
