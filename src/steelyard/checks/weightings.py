"""The protocol of class weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.core import Prior, SteelyardError, Weighting

__all__ = ["check_weighting"]


def check_weighting(weighting: Weighting) -> None:
    """Check that `weighting(prior)` gives class weights as every user of weights expects them.

    When to use it: in the tests of a weighting of your own.

    It demands, for priors of two and three classes, with weighted counts and an empty class: float64 weights (K,),
    finite and none negative, that average one over the training rows, the same at every call, no warnings and
    an untouched prior. A weighting may refuse other than two classes with a SteelyardError.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.weights import inverse
    >>> check_weighting(inverse())
    """
    for counts in ([90.0, 10.0], [5.0, 5.0], [880.25, 1.5]):
        _check(weighting, counts)
    for counts in ([70.0, 20.0, 10.0], [500.0, 0.0, 3.0]):
        try:
            weighting(_prior(counts))
        except SteelyardError:
            continue
        _check(weighting, counts)


def _prior(counts: list[float]) -> Prior:
    return Prior(tuple(range(len(counts))), np.array(counts), "binary" if len(counts) == 2 else "multiclass")


def _check(weighting: Weighting, counts: list[float]) -> None:
    prior = _prior(counts)
    with quietly("the weighting"), untouched(prior.counts, what="the weighting"):
        weight: Any = weighting(prior)
    seen = f"counts {counts} give {np.asarray(weight).tolist()}"
    good = isinstance(weight, np.ndarray) and weight.dtype == np.float64
    demand(good, f"{seen}, a {type(weight).__name__}; return float64 weights (K,)")
    demand(weight.shape == prior.counts.shape, f"{seen}; return one weight a class")
    demand(
        np.isfinite(weight).all() and (weight >= 0).all(), f"{seen}; weights must be finite, none negative"
    )
    mean = weight @ prior.counts / prior.total
    demand_equal(mean, 1.0, f"{seen}; over the training rows weights must average one", tolerance=1e-9)
    demand_equal(weighting(prior), weight, "a second call gives other weights")
