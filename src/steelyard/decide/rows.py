"""Look at the rows once: what every part of this package may rely on afterwards."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, NotForMe, TargetError

FLOOR = 1e-12  # probabilities are kept this far from 0 and 1, so that log-odds and log loss stay finite


def class_scores(p: ArrayLike) -> Floats:
    """Probabilities as float64 (n, K); (n,) is read as the positive class of two."""
    values = np.asarray(p, dtype=np.float64)
    if values.ndim == 1:
        values = np.column_stack([1 - values, values])
    if values.ndim != 2 or values.shape[1] < 2:
        raise DataError(
            f"probabilities came with shape {np.shape(p)}; pass (n, K) for K classes, or (n,) for the positive one"
        )
    if not np.isfinite(values).all():
        raise DataError("the probabilities hold missing or infinite values; drop or fill those rows first")
    return values


def positive_scores(p: ArrayLike) -> Floats:
    """Scores of the positive class as float64 (n,), from (n,) or (n, 2)."""
    values = np.asarray(p, dtype=np.float64)
    if values.ndim == 2 and values.shape[1] > 2:
        raise NotForMe(f"binary only; got {values.shape[1]} classes")
    if values.ndim == 1 and np.isfinite(values).all():
        return values
    return class_scores(values)[:, 1]


def class_positions(y: ArrayLike, n: int, n_classes: int) -> NDArray[np.int64]:
    """Class positions as int64 (n,), all in 0..K-1."""
    truth = np.asarray(y)
    if truth.shape != (n,):
        raise DataError(
            f"{n} rows of probabilities came with labels of shape {truth.shape}; pass one label a row"
        )
    if truth.dtype.kind not in "iub" or (n and not 0 <= truth.min() <= truth.max() < n_classes):
        raise TargetError(
            f"the labels are not class positions 0..{n_classes - 1}; pass prior.encode(labels) or one column a class"
        )
    return truth.astype(np.int64, copy=False)


def class_totals(y: NDArray[np.int64], weight: Floats, n_classes: int) -> Floats:
    """The weight of every class (K,)."""
    return np.bincount(y, weights=weight, minlength=n_classes).astype(np.float64)


def row_weights(sample_weight: ArrayLike | None, n: int) -> Floats:
    """Weights as float64 (n,); ones when there are none."""
    if sample_weight is None:
        return np.ones(n)
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise DataError(f"{n} rows came with weights of shape {weight.shape}; pass one weight a row")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise DataError(
            "the weights hold a negative, infinite or missing value; pass finite weights of at least 0"
        )
    return weight
