"""Accuracy against how common a class was in training: by group, and class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from steelyard.core import Floats, Prior
from steelyard.metrics import bootstrap, confusion_matrix, recall_by_frequency, wilson_interval

__all__ = ["AccuracyByCount", "GroupAccuracy", "accuracy_by_count", "accuracy_by_group"]


@dataclass(frozen=True)
class GroupAccuracy:
    """The mean recall of the classes of a group.

    Attributes:
        group: "many", "medium" or "few".
        classes: positions of its classes that occur among the rows.
        rows: how many rows they have.
        value: the mean of their recalls, NaN where the group is empty.
        low, high: a 95 % interval over the rows.
    """

    group: str
    classes: tuple[int, ...]
    rows: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class AccuracyByCount:
    """The recall of every class beside its training rows.

    Attributes:
        counts: training rows of the classes (K,).
        rows: rows judged on (K,).
        recall: (K,), NaN for classes without rows.
        low, high: 95 % intervals of the recalls (K,).
        correlation: Spearman's rank correlation of count and recall: 1 means that common classes are served best,
            0 that frequency does not matter; NaN for fewer than three classes, or where one of both is constant.
    """

    counts: Floats
    rows: Floats
    recall: Floats
    low: Floats
    high: Floats
    correlation: float


def accuracy_by_group(
    y: ArrayLike,
    decisions: ArrayLike,
    prior: Prior,
    *,
    many: float = 100,
    few: float = 20,
    n: int = 500,
    seed: int = 0,
) -> tuple[GroupAccuracy, ...]:
    """The mean recall of frequent, middling and rare classes, with bootstrap intervals.

    When to use it: after training on a long tail, to see who gained and who paid.

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        prior: of the training rows; its counts form the groups.
        many, few: more training rows than `many` are many, fewer than `few` are few.
        n: resamples.
        seed: of the resamples.

    Returns:
        One `GroupAccuracy` for many, medium and few, in this order.

    >>> prior = Prior.of([0] * 200 + [1] * 50 + [2] * 5)
    >>> [(one.group, one.value) for one in accuracy_by_group([0, 0, 1, 2], [0, 0, 0, 2], prior)]
    [('many', 1.0), ('medium', 0.0), ('few', 1.0)]

    Source: Liu et al. (2019), Large-scale long-tailed recognition in an open world.
    """
    truth, decided = np.asarray(y), np.asarray(decisions)
    place = {label: k for k, label in enumerate(prior.labels)}
    met = {*np.unique(truth).tolist()}
    found = []
    for group, labels in prior.groups(many=many, few=few).items():
        classes = tuple(place[label] for label in labels if place[label] in met)
        mine = np.isin(truth, classes)
        if not mine.any():
            found.append(GroupAccuracy(group, (), 0, np.nan, np.nan, np.nan))
            continue

        def recall(y: Floats, decisions: Floats, group: str = group) -> float:
            return recall_by_frequency(y, decisions, prior, many=many, few=few)[group]

        value, low, high = bootstrap(recall, truth[mine], decided[mine], n=n, seed=seed)
        found.append(GroupAccuracy(group, classes, int(mine.sum()), value, low, high))
    return tuple(found)


def accuracy_by_count(y: ArrayLike, decisions: ArrayLike, prior: Prior) -> AccuracyByCount:
    """The recall of every class beside its number of training rows.

    When to use it: to see whether, and how steeply, accuracy falls with rarity.

    Args:
        y: class positions (n,).
        decisions: decided class positions (n,).
        prior: of the training rows.

    Returns:
        An `AccuracyByCount`.

    >>> prior = Prior.of([0] * 90 + [1] * 9 + [2] * 3)
    >>> found = accuracy_by_count([0, 0, 1, 1, 2, 2], [0, 0, 1, 0, 0, 0], prior)
    >>> found.recall.tolist(), round(found.correlation, 6)
    ([1.0, 0.5, 0.0], 1.0)
    """
    matrix = confusion_matrix(y, decisions, n_classes=prior.n_classes)
    hits, rows = matrix.diagonal(), matrix.sum(axis=1)
    recall = np.divide(hits, rows, out=np.full(len(rows), np.nan), where=rows > 0)
    known = rows > 0
    correlation = np.nan
    if known.sum() > 2 and np.ptp(recall[known]) > 0 and np.ptp(prior.counts[known]) > 0:
        correlation = float(stats.spearmanr(prior.counts[known], recall[known]).statistic)
    return AccuracyByCount(prior.counts, rows, recall, *wilson_interval(hits, rows), correlation)


CARD = {
    "lever": "diagnose",
    "name": "accuracy_by_count",
    "title": "Accuracy against training rows, class by class",
    "seeds": ["071"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2019), Large-scale long-tailed recognition in an open world",
    "facts": {},
}
