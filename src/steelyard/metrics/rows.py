"""Look at the rows once: what every metric may rely on afterwards."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import DataError, Floats, NotForMe, TargetError, TooFewSamples

SUM_TOLERANCE = 1e-4  # single-precision probabilities of a thousand classes still sum to one within this


class Rows(NamedTuple):
    """The rows that count: positions (n,), scores (n,) or (n, K), weights (n,) or None."""

    y: NDArray[np.int64]
    values: NDArray[Any]
    weight: Floats | None


def positions(y: ArrayLike, what: str = "labels") -> NDArray[np.int64]:
    """Class positions as int64 (n,), or a TargetError that says how to get them."""
    values = np.asarray(y)
    if not values.size:
        raise TooFewSamples(f"the {what} are empty; pass at least one row")
    if values.ndim != 1 or values.dtype.kind not in "iub":
        raise TargetError(
            f"{what} came as {values.dtype} of shape {values.shape}, a metric needs class positions 0..K-1 "
            "in one dimension; pass prior.encode(labels)"
        )
    if values.min() < 0:
        raise TargetError(f"the {what} hold {values.min()}, positions start at 0; pass prior.encode(labels)")
    return values.astype(np.int64, copy=False)


def row_weights(sample_weight: ArrayLike | None, n: int) -> Floats | None:
    """Weights as float64 (n,), none negative, not all zero."""
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise DataError(f"{n} rows came with weights of shape {weight.shape}; pass one weight a row")
    if not (weight.min() >= 0 and np.isfinite(weight).all()):
        raise DataError("the weights hold a negative, infinite or missing value; pass finite weights >= 0")
    if not weight.any():
        raise TooFewSamples("all weights are zero, so no row counts; give some row a positive weight")
    return weight


def scored(y: ArrayLike, scores: ArrayLike, sample_weight: ArrayLike | None) -> Rows:
    """Rows with scores (n,) when there are two classes, (n, K) when there are more; weightless rows go."""
    truth = positions(y)
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim not in (1, 2) or len(values) != len(truth) or (values.ndim == 2 and values.shape[1] < 2):
        raise DataError(
            f"{len(truth)} labels came with scores of shape {values.shape}; pass (n,) scores of the positive "
            "class or (n, K) scores of all classes"
        )
    n_classes = 2 if values.ndim == 1 else values.shape[1]
    if truth.max() >= n_classes:
        raise TargetError(
            f"the labels reach position {truth.max()}, the scores know {n_classes} classes; "
            "pass one column a class"
        )
    if np.isnan(values).any():
        raise DataError("the scores hold missing values; drop or fill those rows first")
    weight = row_weights(sample_weight, len(truth))
    if values.ndim == 2 and n_classes == 2:
        values = values[:, 1]
    if weight is not None and not weight.all():
        counting = weight > 0
        return Rows(truth[counting], values[counting], weight[counting])
    return Rows(truth, values, weight)


def binary_scored(y: ArrayLike, scores: ArrayLike, sample_weight: ArrayLike | None) -> Rows:
    """Rows with scores (n,) of the positive class; more classes than two are declined."""
    rows = scored(y, scores, sample_weight)
    if rows.values.ndim == 2:
        raise NotForMe(f"binary only; got {rows.values.shape[1]} classes")
    return rows


def probable(y: ArrayLike, p: ArrayLike, sample_weight: ArrayLike | None) -> Rows:
    """Rows with probabilities (n, K), K >= 2, each row summing to one."""
    truth = positions(y)
    values = np.asarray(p, dtype=np.float64)
    if values.ndim == 1:
        values = np.column_stack([1 - values, values])
    if values.ndim != 2 or values.shape[1] < 2 or len(values) != len(truth):
        raise DataError(
            f"{len(truth)} labels came with probabilities of shape {np.shape(p)}; pass (n,) probabilities of "
            "the positive class or (n, K) of all classes"
        )
    n_classes = values.shape[1]
    if truth.max() >= n_classes:
        raise TargetError(
            f"the labels reach position {truth.max()}, the probabilities know {n_classes} classes; "
            "pass one column a class"
        )
    # written so that a missing value fails it too
    if not (values.min() >= 0 and np.abs(values @ np.ones(n_classes) - 1).max() <= SUM_TOLERANCE):
        raise DataError(
            "the probabilities leave [0, 1] or a row does not sum to one; calibrate or normalise the scores "
            "first"
        )
    return Rows(truth, values, row_weights(sample_weight, len(truth)))


def mean(values: NDArray[Any], weight: Floats | None) -> float:
    """The (weighted) mean over rows."""
    return float(values.mean()) if weight is None else float(values @ weight / weight.sum())
