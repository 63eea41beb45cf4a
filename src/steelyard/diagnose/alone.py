"""How well one column alone tells the classes apart, judged on rows it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import Floats
from steelyard.diagnose.columns import Coded
from steelyard.metrics import roc_auc

__all__: list[str] = []

FOLDS = 3
WORTH_A_TREE = 0.9
FEW_VALUES, ROWS_A_VALUE = 256, 8  # numbers that repeat this often are judged like categories


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows columns are judged on: positions, classes, folds, and the classes with enough rows to judge."""

    rows: NDArray[np.int64]
    y: NDArray[np.int64]
    fold: NDArray[np.int64]
    judged: NDArray[np.int64]
    n_classes: int


def category_aucs(codes: NDArray[np.int64], sample: Sample) -> Floats:
    """One-versus-rest AUC of every judged class, rows scored by the class shares of their value in other folds."""
    codes = pd.factorize(codes)[0].astype(np.int64)
    height = int(codes.max()) + 1
    prior = np.bincount(sample.y, minlength=sample.n_classes) / len(sample.y)
    whole = _table(codes, sample.y, height, sample.n_classes)
    scores = np.empty((len(codes), sample.n_classes))
    for fold in range(FOLDS):
        held = sample.fold == fold
        others = whole - _table(codes[held], sample.y[held], height, sample.n_classes)
        scores[held] = ((others + prior) / (others.sum(axis=1, keepdims=True) + 1))[codes[held]]
    return _aucs(scores, sample)


def direct_aucs(signal: Floats, sample: Sample) -> Floats:
    """One-versus-rest AUC of every judged class by one signal, whichever way round it points."""
    each = _aucs(np.repeat(signal[:, None], sample.n_classes, axis=1), sample)
    return np.maximum(each, 1 - each)


def promising(column: Coded, sample: Sample) -> bool:
    """Whether shares in coarse bins, judged on the very rows they come from, leave hope for a leak at all."""
    bins = int(np.clip(len(sample.y) // 8, 4, 64))
    coarse = 1 + column.codes[sample.rows] * bins // column.distinct  # 0 where missing
    table = _table(coarse, sample.y, bins + 1, sample.n_classes)
    total = table.sum(axis=1)
    for k in sample.judged:
        order = np.argsort(table[:, k] / np.maximum(total, 1))
        inside = table[order, k]
        outside = total[order] - inside
        below = np.cumsum(outside) - outside / 2
        if (inside * below).sum() >= WORTH_A_TREE * inside.sum() * outside.sum():
            return True
    return False


def like_categories(column: Coded, sample: Sample) -> bool:
    """Whether values repeat so often that each can be judged by itself."""
    return not column.ordered or column.distinct <= min(FEW_VALUES, len(sample.y) // ROWS_A_VALUE)


def number_aucs(values: Floats, sample: Sample) -> Floats:
    """One-versus-rest AUC of every judged class by order or by a small cross-fitted tree, whichever is higher."""
    hole = np.isnan(values)
    ordered = np.where(hole, -np.inf, values)
    middle = float(np.median(values[~hole]))
    spread = float(np.abs(values[np.isfinite(values)] - middle).mean()) or 1.0
    # single precision, which trees work in, is kept for the differences; infinite values stay the extremes
    scaled = np.clip((values - middle) / spread, -1e30, 1e30).astype(np.float32)[:, None]
    scores = np.zeros((len(values), sample.n_classes))
    for fold in range(FOLDS):
        held = sample.fold == fold
        tree = DecisionTreeClassifier(
            max_leaf_nodes=4 + 2 * sample.n_classes, class_weight="balanced", random_state=0
        )
        tree.fit(scaled[~held], sample.y[~held])
        scores[np.ix_(held, tree.classes_)] = tree.predict_proba(scaled[held])
    return np.maximum(direct_aucs(ordered, sample), _aucs(scores, sample))


def _aucs(scores: Floats, sample: Sample) -> Floats:
    return np.array([roc_auc((sample.y == k).astype(np.int64), scores[:, k]) for k in sample.judged])


def _table(codes: NDArray[np.int64], y: NDArray[np.int64], height: int, n_classes: int) -> Floats:
    return (
        np.bincount(codes * n_classes + y, minlength=height * n_classes)
        .reshape(height, n_classes)
        .astype(float)
    )
