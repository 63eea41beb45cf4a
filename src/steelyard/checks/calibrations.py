"""The protocol of calibrations."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.checks.adjustments import demand_probabilities
from steelyard.checks.failure import demand, demand_equal, quietly, untouched
from steelyard.checks.rows import probabilities, rare_rows
from steelyard.core import Floats

__all__ = ["check_calibration"]


def check_calibration(calibration: Any) -> None:
    """Check that a calibration is fitted like an estimator and keeps the order of rows.

    When to use it: in the tests of a calibration of your own.

    It demands: `fit(p, y, sample_weight=None)` that returns the calibration, for two classes and three; rows
    that sum to one; a monotone map for two classes; equal weights that change nothing and weights of 0 that act
    like absence; no warnings and inputs left alone, also where all probabilities are equal or exactly 0 and 1;
    the same answer when fitted again; log loss on many fitting rows not worse than before by more than 0.01.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.decide import SigmoidCalibration
    >>> check_calibration(SigmoidCalibration())
    """
    for n_classes in (2, 3):
        _, y = rare_rows(1000, n_classes=n_classes)
        p = probabilities(y, n_classes=n_classes)
        with quietly("the calibration"), untouched(p, y, what="the calibration"):
            fitted = calibration.fit(p, y)
            out = calibration(p)
        demand(fitted is calibration, "fit returned something else; return self")
        demand_probabilities(out, p.shape, "the calibration")
        demand_equal(calibration.fit(p, y)(p), out, "fitting again gives another map")
        loss, before = _log_loss(y, out), _log_loss(y, p)
        demand(loss <= before + 0.01, f"log loss on the fitting rows grew from {before:.4f} to {loss:.4f}")
    _check_map(calibration)
    _check_weights(calibration)
    _check_edges(calibration)


def _check_map(calibration: Any) -> None:
    _, y = rare_rows(1000)
    calibration.fit(probabilities(y), y)
    grid = np.linspace(0, 1, 201)
    with quietly("the calibration"):
        mapped = calibration(grid)
    demand(np.shape(mapped) == grid.shape, f"(n,) came back with shape {np.shape(mapped)}; keep the shape")
    demand(
        (np.diff(mapped) >= -1e-12).all(), "the map is not monotone: a higher score got a lower probability"
    )


def _check_weights(calibration: Any) -> None:
    _, y = rare_rows(400)
    p = probabilities(y)
    plain = calibration.fit(p, y)(p)
    same = calibration.fit(p, y, sample_weight=np.full(len(y), 3.0))(p)
    demand_equal(same, plain, "equal weights must change nothing", tolerance=1e-6)
    counted = np.arange(len(y)) % 4 > 0
    without = calibration.fit(p[counted], y[counted])(p)
    zero = calibration.fit(p, y, sample_weight=counted.astype(float))(p)
    demand_equal(zero, without, "rows of weight 0 must not count", tolerance=1e-6)


def _check_edges(calibration: Any) -> None:
    y = np.repeat([0, 1], [18, 2])
    for what, p in {"equal": np.full(20, 0.3), "certain": y.astype(float), "wrong": 1.0 - y}.items():
        both = np.column_stack([1 - p, p])
        with quietly(f"the calibration of {what} probabilities"):
            demand_probabilities(calibration.fit(both, y)(both), (20, 2), f"the calibration of {what} rows")


def _log_loss(y: Any, p: Floats) -> float:
    return float(-np.log(np.clip(p[np.arange(len(y)), y], 1e-12, None)).mean())
