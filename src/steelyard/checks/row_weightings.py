"""The protocol of row weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.checks.failure import NotConforming, demand, demand_equal, quietly, untouched
from steelyard.checks.rows import probabilities, rare_rows
from steelyard.core import RowWeighting

__all__ = ["check_row_weighting"]


def check_row_weighting(weighting: RowWeighting) -> None:
    """Check that `weighting(p, y)` gives row weights as every user of weights expects them.

    When to use it: in the tests of a row weighting of your own.

    It demands, for two classes and three, also where all rows are certain: float64 weights (n,), finite and
    none negative, that average one; a row's weight that follows it when rows change places; the same at every
    call, no warnings, inputs left alone, and that pickle can store it.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.weights import hardness_weights
    >>> check_row_weighting(hardness_weights(2))
    """
    import pickle

    try:
        pickle.dumps(weighting)
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raise NotConforming(
            f"pickle cannot store it ({error}); use functools.partial of a function"
        ) from error
    for n_classes in (2, 3):
        _, y = rare_rows(n_classes=n_classes)
        p = probabilities(y, n_classes=n_classes)
        weight = _check(weighting, p, y)
        order = np.random.default_rng(3).permutation(len(y))
        demand_equal(
            weighting(p[order], y[order]), weight[order], "weights do not follow rows", tolerance=1e-9
        )
        demand_equal(weighting(p, y), weight, "a second call gives other weights")
        certain = np.eye(n_classes)
        _check(weighting, certain[y], y)
        _check(weighting, certain[(y + 1) % n_classes], y)


def _check(weighting: RowWeighting, p: Any, y: Any) -> Any:
    with quietly("the row weighting"), untouched(p, y, what="the row weighting"):
        weight: Any = weighting(p, y)
    good = isinstance(weight, np.ndarray) and weight.dtype == np.float64 and weight.shape == y.shape
    demand(good, f"{type(weight).__name__} of shape {np.shape(weight)} came; return float64 weights (n,)")
    demand(np.isfinite(weight).all() and (weight >= 0).all(), "weights must be finite, none negative")
    demand_equal(weight.mean(), 1.0, "row weights must average one", tolerance=1e-9)
    return weight
