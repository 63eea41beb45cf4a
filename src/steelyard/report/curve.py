"""Counts at every cut of the test part's scores: what all curves and the threshold panel are drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steelyard.core import DataError
from steelyard.report.facts import mapping, sequence
from steelyard.report.figures import real

MOST_POINTS = 1200


@dataclass(frozen=True)
class Curve:
    """Cuts from "flag nothing" to "flag all".

    Attributes:
        thresholds: descending; None stands before all scores, where nothing is flagged.
        tp: positives flagged at each cut.
        fp: negatives flagged at each cut.
        positives: positive rows of the test part.
        negatives: negative rows of the test part.
        start: the cut of the chosen rule, or the one nearest to it.
        exact: whether the chosen rule is that cut.
    """

    thresholds: list[float | None]
    tp: list[float]
    fp: list[float]
    positives: float
    negatives: float
    start: int
    exact: bool

    @property
    def recall(self) -> list[float]:
        """True positive rate at each cut."""
        return [tp / self.positives for tp in self.tp]

    @property
    def false_alarm_rate(self) -> list[float]:
        """False positive rate at each cut."""
        return [fp / self.negatives for fp in self.fp]

    @property
    def precision(self) -> list[float | None]:
        """Share of true positives among flagged rows; None where nothing is flagged."""
        pairs = zip(self.tp, self.fp, strict=True)
        return [tp / (tp + fp) if tp + fp > 0 else None for tp, fp in pairs]

    @property
    def f1(self) -> list[float]:
        """Harmonic mean of precision and recall at each cut."""
        pairs = zip(self.tp, self.fp, strict=True)
        return [2 * tp / (tp + fp + self.positives) for tp, fp in pairs]

    @property
    def prevalence(self) -> float:
        """Share of positive rows."""
        return self.positives / (self.positives + self.negatives)

    def costs(self, false_alarm: float, miss: float) -> list[float]:
        """Cost per 1000 rows at each cut."""
        rows = self.positives + self.negatives
        pairs = zip(self.tp, self.fp, strict=True)
        return [1000 * (fp * false_alarm + (self.positives - tp) * miss) / rows for tp, fp in pairs]


def curve_of(test: Mapping[str, Any]) -> Curve | None:
    """The curve of a binary test part with both classes, or None."""
    binary = mapping(test, "binary")
    drawn = mapping(binary, "curve")
    positives, negatives = _totals(test, binary)
    if not drawn or not positives or not negatives:
        return None
    columns = [sequence(drawn, name) for name in ("threshold", "tp", "fp")]
    if not all(columns):
        return None
    if len({len(column) for column in columns}) != 1:
        raise DataError(
            "the curve's threshold, tp and fp differ in length "
            f"({', '.join(str(len(column)) for column in columns)}); make the run again"
        )
    cuts = _thinned([cut for cut in zip(*columns, strict=True) if None not in map(real, cut)])
    if not cuts:
        return None
    points: list[tuple[float | None, float, float]] = [(None, 0.0, 0.0)]
    points += [cut for cut in cuts if cut[1] + cut[2] > 0]
    start, exact = _place_choice(points, real(binary.get("threshold")), flagged(test))
    thresholds, tp, fp = (list(column) for column in zip(*points, strict=True))
    return Curve(thresholds, tp, fp, positives, negatives, start, exact)


def flagged(test: Mapping[str, Any]) -> tuple[float, float] | None:
    """True and false positives of the chosen rule, from a two-class confusion matrix."""
    matrix = sequence(mapping(test, "confusion"), "matrix")
    known = [real(value) for row in matrix for value in row]
    if len(matrix) != 2 or len(known) != 4 or None in known:
        return None
    return float(matrix[1][1]), float(matrix[0][1])


def _thinned(cuts: Sequence[Any]) -> list[Any]:
    stride = -(-len(cuts) // MOST_POINTS) or 1
    kept = list(cuts[::stride])
    return kept if not cuts or kept[-1] == cuts[-1] else [*kept, cuts[-1]]


def _place_choice(
    points: list[tuple[float | None, float, float]],
    threshold: float | None,
    choice: tuple[float, float] | None,
) -> tuple[int, bool]:
    """Make the chosen rule one of the points where it is a threshold; return its place."""
    if choice is None:
        return _nearest(points, threshold), False
    same = [i for i, (_, *point) in enumerate(points) if _alike(point, choice)]
    if threshold is None:
        wanted = sum(choice)
        near = min(range(len(points)), key=lambda i: abs(points[i][1] + points[i][2] - wanted))
        return (same[0], True) if same else (near, False)
    place = same[0] if same else sum(t is None or t >= threshold for t, _, _ in points)
    points[place : place + len(same[:1])] = [(threshold, *choice)]
    return place, True


def _alike(point: Sequence[float], choice: Sequence[float]) -> bool:
    """Weighted counts are sums of fractions, so they may differ in their last digits."""
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(point, choice, strict=True))


def _totals(test: Mapping[str, Any], binary: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Positives and negatives, weighted as the confusion matrix is when there is one."""
    if flagged(test) is None:
        return real(binary.get("positives")), real(binary.get("negatives"))
    (tn, fp), (fn, tp) = mapping(test, "confusion")["matrix"]
    return float(fn) + float(tp), float(tn) + float(fp)


def _nearest(points: list[tuple[float | None, float, float]], threshold: float | None) -> int:
    """The last cut at or above the threshold; without one, the cut at even odds."""
    wanted = 0.5 if threshold is None else threshold
    return max(0, sum(t is None or t >= wanted for t, _, _ in points) - 1)
