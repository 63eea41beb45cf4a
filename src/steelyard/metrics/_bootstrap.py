"""Bootstrap intervals for any metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError, Seed, UsageError, generator

__all__ = ["Interval", "bootstrap"]


class _Bounds(NamedTuple):
    value: float
    low: float
    high: float


class Interval(_Bounds):
    """A value between its bounds: unpacks as (value, low, high).

    Attributes:
        value: the metric on the rows as they are.
        low: the lower bound, NaN when no resample was defined.
        high: the upper bound, likewise.
        dropped: how many resamples gave NaN and were left out.
    """

    dropped: int = 0


def bootstrap(
    metric_fn: Callable[..., float],
    *arrays: Any,
    n: int = 1000,
    seed: Seed,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Interval:
    """How far a metric could have fallen otherwise: percentile interval over rows drawn with replacement.

    When to use it: for a final score on rows no choice has seen. Rows that belong together (a patient, a
    household) must be drawn together: pass `groups`, or the interval is too narrow.

    Repeated rows can lift a metric as such, average precision of classes with a handful of rows above all. Where that
    would put the value outside the interval, the interval is moved by the mean difference of resamples and value.

    Args:
        metric_fn: called as `metric_fn(*arrays)` with resampled arrays.
        arrays: row-aligned arrays, the first axis being rows; None passes through.
        n: how many resamples.
        seed: an int or a numpy generator.
        groups: (n_rows,) labels of clusters to draw in place of rows.
        confidence: the share of resamples inside the interval.

    Returns:
        An `Interval`; resamples where the metric is NaN (such as one without positives) are left out and
        counted in `.dropped`. A few of them are harmless; when it is a large share of `n`, the interval tells
        more about which resamples survived than about the metric.

    Raises:
        UsageError: fewer than one resample, a confidence outside (0, 1), or no array.
        DataError: arrays or groups that differ in length.

    >>> value, low, high = bootstrap(lambda x: x.mean(), np.arange(100.0), n=200, seed=0)
    >>> value, bool(low < value < high)
    (49.5, True)

    Source: Efron & Tibshirani (1993), An introduction to the bootstrap, chapter 13; Field & Welsh (2007),
    Bootstrapping clustered data.
    """
    if n < 1 or not 0 < confidence < 1:
        raise UsageError(f"n={n} and confidence={confidence} came; pass n >= 1 and a confidence in (0, 1)")
    columns = [None if array is None else np.asarray(array) for array in arrays]
    n_rows = _common_length(columns)
    unit_of_row = (
        np.arange(n_rows) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    )
    if len(unit_of_row) != n_rows:
        raise DataError(f"{n_rows} rows came with {len(unit_of_row)} groups; pass one group a row")
    n_units = int(unit_of_row.max()) + 1
    rng = generator(seed)
    values = np.empty(n)
    for i in range(n):
        times = np.bincount(rng.integers(n_units, size=n_units), minlength=n_units)
        rows = np.repeat(np.arange(n_rows), times[unit_of_row])
        values[i] = metric_fn(*(None if column is None else column[rows] for column in columns))
    kept = values[~np.isnan(values)]
    tail = (1 - confidence) / 2
    value = float(metric_fn(*columns))
    low, high = np.quantile(kept, [tail, 1 - tail]) if kept.size else (np.nan, np.nan)
    if value < low or value > high:
        low, high = np.array([low, high]) - (kept.mean() - value)
    interval = Interval(value, float(low), float(high))
    interval.dropped = n - kept.size
    return interval


def _common_length(columns: list[Any]) -> int:
    lengths = {len(column) for column in columns if column is not None}
    if not lengths:
        raise UsageError("no array came to resample; pass the metric's row-aligned arrays")
    if len(lengths) > 1 or 0 in lengths:
        raise DataError(f"arrays of {sorted(lengths)} rows came; pass arrays of one common length above zero")
    return lengths.pop()
