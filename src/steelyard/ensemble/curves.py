"""How an ensemble's quality grows with its members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Prior, UsageError
from steelyard.ensemble.whole import whole
from steelyard.metrics import Metric, named

__all__ = ["member_curves"]


def member_curves(
    model: Any,
    sets: Mapping[str, tuple[ArrayLike, ArrayLike]],
    metrics: Iterable[str | Metric] = ("average_precision",),
    *,
    every: int = 1,
) -> list[dict[str, Any]]:
    """The value of each metric on each named set after 1, 2, … members.

    When to use it: to see whether more members would help, or fewer would do, without fitting again.

    Args:
        model: a fitted ensemble with `staged_predict_proba` and `classes_` (all of steelyard's, and
            scikit-learn's boosting).
        sets: name -> (X, y).
        metrics: names or metrics; decisions are the most probable class.
        every: members between two points; the last is always among them.

    Returns:
        One dictionary a set and point: "set", "members", and one entry a metric under its name.

    Raises:
        UsageError: the model has no stages, or `every` is no positive whole number.
        TargetError: a set holds labels the model does not know.

    >>> from sklearn.datasets import make_classification
    >>> from steelyard.ensemble import SelfPacedEnsembleClassifier
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> model = SelfPacedEnsembleClassifier(n_estimators=6, random_state=0).fit(X, y)
    >>> [point["members"] for point in member_curves(model, {"train": (X, y)}, every=4)]
    [4, 6]

    Source: Liu et al. (2023), IMBENS: Ensemble Class-imbalanced Learning in Python.
    """
    if not hasattr(model, "staged_predict_proba"):
        raise UsageError(f"{type(model).__name__} has no staged_predict_proba; pass a fitted ensemble")
    step = whole("every", every)
    chosen = [metric if isinstance(metric, Metric) else named(metric) for metric in metrics]
    points = []
    for name, (X, y) in sets.items():
        codes = Prior.of(y, labels=list(np.asarray(model.classes_).tolist())).encode(y)
        waiting = None
        for members, p in enumerate(model.staged_predict_proba(X), start=1):
            waiting = (members, p)
            if members % step == 0:
                points.append(_point(name, members, p, codes, chosen))
                waiting = None
        if waiting is not None:
            points.append(_point(name, *waiting, codes, chosen))
    return points


def _point(name: str, members: int, p: Any, codes: Any, metrics: list[Metric]) -> dict[str, Any]:
    values = {metric.name: metric(codes, p, p.argmax(axis=1)) for metric in metrics}
    return {"set": name, "members": members, **values}
