"""The protocol of adjustments: scores in, scores whose argmax decides out."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.checks.rows import probabilities, rare_rows
from steelyard.core import Adjustment

__all__ = ["check_adjustment"]


def check_adjustment(adjustment: Adjustment, *, n_classes: int = 2) -> None:
    """Check that an adjustment maps probabilities to probabilities, row by row.

    When to use it: in the tests of an adjustment of your own, made for `n_classes` classes.

    It demands: `fit(p, y)` that returns the adjustment; for (n, K) float rows that sum to one, for (n,) with two
    classes the positive column of the same; a result for each row that does not depend on the other rows; no
    warnings, inputs left alone, also at probabilities of exactly 0 and 1.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.decide import LogitAdjust
    >>> check_adjustment(LogitAdjust([0.9, 0.1]))
    """
    _, y = rare_rows(n_classes=n_classes)
    p = probabilities(y, n_classes=n_classes)
    with quietly("the adjustment"), untouched(p, y, what="the adjustment"):
        fitted: Any = adjustment.fit(p, y)
        out = adjustment(p)
        edge = adjustment(np.eye(n_classes))
    demand(fitted is adjustment, "fit returned something else; return self")
    demand_probabilities(out, p.shape, "the adjustment")
    demand_probabilities(edge, (n_classes, n_classes), "the adjustment of certain rows")
    demand_equal(adjustment(p[:7]), out[:7], "rows depend on the rows beside them", tolerance=1e-12)
    if n_classes == 2:
        one = adjustment(p[:, 1])
        demand(
            np.shape(one) == (len(p),), f"(n,) scores came back with shape {np.shape(one)}; keep the shape"
        )
        demand_equal(one, out[:, 1], "(n,) and (n, 2) disagree", tolerance=1e-12)


def demand_probabilities(p: Any, shape: tuple[int, ...], what: str, *, learned: bool = False) -> None:
    """Demand class probabilities of `shape` whose rows sum to one.

    Float64 to nine digits; `learned` ones, out of a classifier, may be of lower precision.
    """
    kind = np.floating if learned else np.float64
    demand(
        isinstance(p, np.ndarray) and p.shape == shape and np.issubdtype(p.dtype, kind),
        f"{what} gave {getattr(p, 'dtype', type(p).__name__)} of shape {np.shape(p)}; expected float64 {shape}",
    )
    demand(np.isfinite(p).all() and (p >= 0).all() and (p <= 1).all(), f"{what} gave values outside [0, 1]")
    demand_equal(
        p.sum(axis=1),
        np.ones(len(p)),
        f"{what} gave rows that do not sum to one",
        tolerance=1e-6 if learned else 1e-9,
    )
