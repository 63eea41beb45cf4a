"""Metrics of decisions on many classes as sums over classes, so that moving a row costs nothing.

Every metric handled here is a function of sums over classes, whose terms depend on one class's own counts: its
hits, the weight decided for it, and the weight that truly is it. When a row changes from class j to class k only
the terms of j and k change, so the values along a whole line search are running sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.decide.rows import class_totals
from steelyard.metrics import Metric, named

DUST = 1e-11  # a running weight below this share of all weight is rounding
RELATIVES = ("f1", "balanced_accuracy", "accuracy")  # searched in place of a metric that is no sum


@dataclass(frozen=True, eq=False)
class Form:
    """Terms (hits, decided, actual) -> one array a sum, and what makes the metric of the sums."""

    terms: Callable[[Floats, Floats, Floats], tuple[Floats, ...]]
    combine: Callable[..., Floats]
    sign: int = 1


@dataclass(frozen=True, eq=False)
class ClassSums:
    """One metric on one set of rows, ready to be followed along a line search; higher is better."""

    form: Form
    y: NDArray[np.int64]
    weight: Floats
    actual: Floats

    def path(self, rival: NDArray[np.int64], k: int, order: NDArray[np.int64]) -> Floats:
        """Values (m + 1,) as the rows of `order` (m,) leave their class `rival` for class k, one by one.

        No row of `order` may have k as its rival; the other rows stay.
        """
        n_classes = len(self.actual)
        right = self.weight * (self.y == rival)
        decided = class_totals(rival, self.weight, n_classes)
        hits = class_totals(rival, right, n_classes)
        # the movers, class left by class left; 16-bit keys are sorted in linear time
        by = np.argsort(rival[order].astype(np.uint16), kind="stable")
        rows = order[by]
        left, weight, right = rival[rows], self.weight[rows], right[rows]
        still, still_hits = decided[left] - _running(weight, left), hits[left] - _running(right, left)
        here = np.arange(n_classes)
        won = np.append(hits[k], hits[k] + np.cumsum(self.weight[order] * (self.y[order] == k)))
        grown = np.append(decided[k], decided[k] + np.cumsum(self.weight[order]))
        sums = []
        for first, new, old, own in zip(
            self._terms(here, hits, decided),
            self._terms(left, still_hits, still),
            self._terms(left, still_hits + right, still + weight),
            self._terms(np.full(len(won), k), won, grown),
            strict=True,
        ):
            change = np.empty(len(order))
            change[by] = new - old
            sums.append(first.sum() + np.append(0.0, np.cumsum(change)) + own - own[0])
        return self.form.sign * self.form.combine(*sums)

    def at(self, decisions: NDArray[np.int64]) -> float:
        """The value of given decisions."""
        return float(self.path(decisions, 0, np.empty(0, dtype=np.int64))[0])

    def _terms(self, classes: NDArray[np.int64], hits: Floats, decided: Floats) -> tuple[Floats, ...]:
        floor = DUST * self.actual.sum()
        return self.form.terms(
            np.where(hits > floor, hits, 0.0), np.where(decided > floor, decided, 0.0), self.actual[classes]
        )


def class_sums(metric: Metric, y: NDArray[np.int64], weight: Floats, n_classes: int) -> list[ClassSums]:
    """The metric in this form; for a metric without one, its relatives, whose ends the metric then judges."""
    actual = class_totals(y, weight, n_classes)
    own = ClassSums(_form(metric, actual), y, weight, actual)
    shape = np.broadcast_to(0.0, (len(y), n_classes))
    mixed = (y + np.arange(len(y)) % 2) % n_classes
    for trial in (y, np.zeros_like(y), mixed):
        if not np.isclose(own.at(trial), metric.sign * metric(y, shape, trial, weight), rtol=0, atol=1e-8):
            return [ClassSums(_form(named(name), actual), y, weight, actual) for name in RELATIVES]
    return [own]


def _running(values: Floats, groups: NDArray[np.int64]) -> Floats:
    """Running sums within each run of equal groups."""
    sums = np.cumsum(values)
    if not len(sums):
        return sums
    first = np.append(True, groups[1:] != groups[:-1])
    before = np.append(0.0, sums[:-1])[first]
    return np.asarray(sums - before[np.cumsum(first) - 1])


def _form(metric: Metric, actual: Floats) -> Form:
    """How the metric is made of sums over classes; one against the rest, averaged, unless it is known better."""
    total, present = float(actual.sum()), max(int((actual > 0).sum()), 1)
    if metric.name in {"balanced_accuracy", "youden_j"}:
        chance = 1 if metric.name == "youden_j" else 0
        return Form(_recall, lambda sums: (sums - chance) / max(present - chance, 1))
    if metric.name == "g_mean":
        return Form(_log_recall, lambda logs, missed: np.where(missed > 0.5, 0.0, np.exp(logs / present)))
    if metric.name in {"mcc", "cohen_kappa"}:
        return _agreement(metric.name, total, actual)
    if metric.name == "accuracy":
        return Form(_hits, lambda sums: sums / total)

    def one_against_rest(hits: Floats, decided: Floats, of_class: Floats) -> tuple[Floats, ...]:
        if metric.from_counts is None:
            return (np.full(hits.shape, np.nan),)
        rest = np.maximum(total - decided - of_class + hits, 0)
        each = metric.from_counts(hits, np.maximum(decided - hits, 0), np.maximum(of_class - hits, 0), rest)
        return (np.where((of_class > 0) & ~np.isnan(each), each, 0.0),)

    return Form(one_against_rest, lambda sums: sums / present, metric.sign)


def _hits(hits: Floats, decided: Floats, actual: Floats) -> tuple[Floats, ...]:  # noqa: ARG001 - one signature
    return (hits,)


def _recall(hits: Floats, decided: Floats, actual: Floats) -> tuple[Floats, ...]:  # noqa: ARG001 - one signature
    return (np.divide(hits, actual, out=np.zeros(hits.shape), where=actual > 0),)


def _log_recall(hits: Floats, decided: Floats, actual: Floats) -> tuple[Floats, ...]:  # noqa: ARG001 - one signature
    found = (hits > 0) & (actual > 0)
    logs = np.log(np.divide(hits, actual, out=np.ones(hits.shape), where=found))
    return logs, ((hits <= 0) & (actual > 0)).astype(np.float64)


def _agreement(name: str, total: float, actual: Floats) -> Form:
    """R_K and kappa: from the hits, the sum of decided times actual, and the sum of squared decided."""
    spread = total**2 - float(actual @ actual)

    def terms(hits: Floats, decided: Floats, of_class: Floats) -> tuple[Floats, ...]:
        return hits, decided * of_class, decided**2

    def combine(hits: Floats, chance: Floats, squares: Floats) -> Floats:
        shared = hits * total - chance
        away = (
            total**2 - chance
            if name == "cohen_kappa"
            else np.sqrt(max(spread, 0.0) * np.maximum(total**2 - squares, 0.0))
        )
        return np.divide(shared, away, out=np.zeros(shared.shape), where=away > DUST * total**2)

    return Form(terms, combine)
