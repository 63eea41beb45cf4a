"""How relevant a target value is: the rare ends of a numeric target as numbers from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from steelyard.core import DataError, Floats, UsageError

__all__ = ["Extremes", "Relevance"]

Extremes: TypeAlias = Literal["both", "high", "low"]


@dataclass(frozen=True, eq=False)
class Relevance:
    r"""A curve from target values to relevance: 0 does not matter, 1 is what one is after.

    When to use it: in imbalanced regression, where no classes say what is rare. `of_extremes` finds the curve
    from the box plot of the target, `through` takes points one knows from the field.

    Between two control points it is the cubic with the slopes given there; beyond the outer ones it is flat.

    Attributes:
        values: target values of the control points, ascending (k,).
        relevance: relevance at them, 0..1 (k,).
        slopes: slopes of the curve at them (k,), or None for the monotone cubic (PCHIP).

    Raises:
        UsageError: control points that are none.
        DataError: targets that are not finite numbers.

    >>> curve = Relevance.of_extremes([1, 2, 3, 4, 5, 6, 7, 8, 9, 30])
    >>> curve.values.tolist(), curve.relevance.tolist()
    ([1.0, 5.5, 9.0], [0.0, 0.0, 1.0])
    >>> curve([2, 7.25, 30]).tolist()
    [0.0, 0.5, 1.0]

    Source: Ribeiro (2011), Utility-based regression; Torgo, Ribeiro (2007), Utility-based regression.
    """

    values: Floats
    relevance: Floats
    slopes: Floats | None = None

    @classmethod
    def of_extremes(cls, y: ArrayLike, *, extremes: Extremes = "both", coefficient: float = 1.5) -> Relevance:
        """Relevance 0 at the median, 1 from the whiskers of the box plot outwards, all slopes 0.

        A side counts only where values lie beyond its whisker: the outermost value no farther from the hinge
        than `coefficient` times the distance of the hinges. When that is the median itself (more than half
        of the values are equal), the nearest value beyond takes its place.
        """
        if extremes not in ("both", "high", "low"):
            raise UsageError(f"extremes={extremes!r} was given, expected 'both', 'high' or 'low'")
        values = np.sort(_numbers(y))
        low_hinge, median, high_hinge = _hinges(values)
        reach = coefficient * (high_hinge - low_hinge)
        inside = values[(values >= low_hinge - reach) & (values <= high_hinge + reach)]
        below, above = values[values < inside[0]], values[values > inside[-1]]
        points = [(median, 0.0)]
        if extremes != "high" and len(below):
            points.append((inside[0] if inside[0] < median else below[-1], 1.0))
        elif values[0] < median:
            points.append((values[0], 0.0))
        if extremes != "low" and len(above):
            points.append((inside[-1] if inside[-1] > median else above[0], 1.0))
        elif values[-1] > median:
            points.append((values[-1], 0.0))
        table = np.array(sorted(points))
        return cls(table[:, 0], table[:, 1], np.zeros(len(table)))

    @classmethod
    def through(cls, points: ArrayLike) -> Relevance:
        """The curve through rows of (value, relevance), or of (value, relevance, slope).

        >>> Relevance.through([(0, 0), (10, 1)])([-5, 5, 20]).tolist()
        [0.0, 0.5, 1.0]
        """
        table = np.asarray(points, dtype=float)
        if table.ndim != 2 or table.shape[1] not in (2, 3) or not np.isfinite(table).all():
            raise UsageError(
                f"control points of shape {table.shape} were given, expected rows of value, relevance and, "
                "if you like, slope"
            )
        table = table[np.argsort(table[:, 0])]
        if len(table) < 2 or (np.diff(table[:, 0]) == 0).any() or (np.abs(table[:, 1] - 0.5) > 0.5).any():
            raise UsageError(
                "control points need at least two different values, each with a relevance from 0 to 1; "
                f"got {table[:5].tolist()}"
            )
        return cls(table[:, 0], table[:, 1], table[:, 2] if table.shape[1] == 3 else None)

    def __call__(self, y: ArrayLike) -> Floats:
        """The relevance of target values (n,)."""
        known = np.clip(_numbers(y), self.values[0], self.values[-1])
        if len(self.values) == 1:
            return np.full(known.shape, self.relevance[0])
        if self.slopes is None:
            return np.clip(PchipInterpolator(self.values, self.relevance)(known), 0.0, 1.0)
        return np.clip(_cubic(known, self.values, self.relevance, self.slopes), 0.0, 1.0)


def _numbers(y: ArrayLike) -> Floats:
    try:
        values = np.asarray(y, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError("the target holds something else than numbers; relevance needs numbers") from error
    if not values.size or not np.isfinite(values).all():
        raise DataError("the target holds missing or infinite values or none at all; clean it first")
    return values


def _cubic(at: Floats, x: Floats, y: Floats, slope: Floats) -> Floats:
    """The cubic Hermite curve, in shares of each span, so that spans of any width do."""
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    span = x[i + 1] - x[i]
    t = (at - x[i]) / span
    rise = t * t * (3 - 2 * t)
    bend = t * (1 - t) * ((1 - t) * slope[i] - t * slope[i + 1]) * span
    return np.asarray(y[i] + (y[i + 1] - y[i]) * rise + bend)


def _hinges(values: Floats) -> tuple[float, float, float]:
    """Tukey's lower hinge, the median and the upper hinge: medians of the halves, the middle in both."""
    half = (len(values) + 1) // 2
    return float(np.median(values[:half])), float(np.median(values)), float(np.median(values[-half:]))
