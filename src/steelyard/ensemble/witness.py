"""Which class probabilities a classifier or pipeline was trained on: watched while it is fitted, or declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.rows import Ints

__all__ = ["fit_witnessed", "last_step"]


def fit_witnessed(model: Any, X: Any, y: Ints, counts: Floats, **fit_params: Any) -> Floats:
    """Fit `model` and say which class probabilities (K,) it was trained on.

    Samplers inside a pipeline change the rows that the classifier at its end is given, so these are counted when it
    gets them. On top comes what the classifier declares: `training_prior_`, or weights of classes.

    Args:
        model: a classifier or a pipeline that ends in one; it is fitted in place.
        X: rows (n, d).
        y: class positions (n,).
        counts: weight of every class (K,), for a classifier that is never handed rows.
        **fit_params: passed on to `fit`.

    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(10.0)[:, None], np.r_[np.zeros(8, int), np.ones(2, int)]
    >>> fit_witnessed(LogisticRegression(class_weight="balanced"), X, y, np.bincount(y)).tolist()
    [0.5, 0.5]
    """
    end = last_step(model)
    seen: list[Floats] = []
    original = end.fit

    def witness(rows: Any, labels: Any, *args: Any, **kwargs: Any) -> Any:
        weight = kwargs.get("sample_weight")
        found = np.bincount(np.asarray(labels).astype(np.int64), weights=weight, minlength=len(counts))
        seen.append(found.astype(float))
        return original(rows, labels, *args, **kwargs)

    end.fit = witness
    try:
        model.fit(X, y, **fit_params)
    finally:
        for one in {id(end): end, id(last_step(model)): last_step(model)}.values():
            vars(one).pop("fit", None)
    return _trained_on(last_step(model), seen[-1] if seen else np.asarray(counts, dtype=float))


def last_step(estimator: Any) -> Any:
    """The classifier at the end of a pipeline, or the estimator itself.

    >>> last_step("no pipeline")
    'no pipeline'
    """
    return last_step(estimator.steps[-1][1]) if hasattr(estimator, "steps") else estimator


def _trained_on(end: Any, counts: Floats) -> Floats:
    declared = getattr(end, "training_prior_", None)
    if declared is not None:
        return np.asarray(declared, dtype=float)
    mass = counts * _class_factors(end, counts)
    mass = np.maximum(mass, 1e-12 * mass.sum())
    return np.asarray(mass / mass.sum())


def _class_factors(end: Any, counts: Floats) -> Floats:
    """What the classifier multiplies the classes' weights by (K,)."""
    weight, scale = getattr(end, "class_weight", None), getattr(end, "scale_pos_weight", None)
    if isinstance(weight, str) or getattr(end, "is_unbalance", False):  # "balanced" and its kin
        return np.where(counts > 0, 1 / np.maximum(counts, 1e-300), 0.0)
    if isinstance(weight, Mapping):
        return np.array([float(weight.get(k, 1.0)) for k in range(len(counts))])
    if isinstance(scale, int | float) and scale > 0 and len(counts) == 2:
        return np.array([1.0, float(scale)])
    return np.ones(len(counts))
