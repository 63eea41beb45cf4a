"""How many rows there are, and how many they are worth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.diagnose.result import Figure, Section
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, percent

__all__ = ["detectable_difference", "grouped_rows", "weighted_rows"]

TEST_SHARE = 0.2
SHOWN = 8
ALIKE = 0.8


def weighted_rows(weight: Floats) -> float:
    """How many equally weighted rows these are worth: Kish's (Σw)² / Σw².

    >>> weighted_rows(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def grouped_rows(group: NDArray[np.int64], hit: NDArray[np.bool_]) -> float:
    r"""How many independent rows grouped ones are worth, for estimating the share of `hit`.

    .. math:: n / (1 + (\tilde m - 1) \rho), \qquad \tilde m = \sum_g n_g^2 / n

    with :math:`\rho` the intraclass correlation of `hit`, estimated by analysis of variance and kept in [0, 1].

    Source: Kish (1965), Survey Sampling, design effect of clusters.

    >>> grouped_rows(np.array([0, 0, 1, 1, 2, 2]), np.array([True, True, False, False, True, True]))
    3.0
    """
    number = pd.factorize(group)[0]
    size = np.bincount(number).astype(float)
    n, n_groups = len(number), len(size)
    if n_groups in (1, n):
        return float(n_groups)
    sums = np.bincount(number, weights=hit.astype(float))
    mean = float(hit.mean())
    between = float((size * (sums / size - mean) ** 2).sum()) / (n_groups - 1)
    within = float((sums - sums**2 / size).sum()) / (n - n_groups)
    typical = (n - (size**2).sum() / n) / (n_groups - 1)
    spread = between + (typical - 1) * within
    correlation = float(np.clip((between - within) / spread, 0, 1)) if spread > 0 else 0.0
    return float(n / (1 + ((size**2).sum() / n - 1) * correlation))


def detectable_difference(positives: float, average_precision: float) -> float:
    r"""Roughly the smallest difference in average precision that a test part of so many positives shows.

    .. math:: (1.96 + 0.84)\,\sqrt{2 (1 - 0.8)}\,\sqrt{a (1 - a) / m}, \qquad a = (m\,AP + 2) / (m + 4)

    for 80 % power at the 5 % level, two models judged on the same m positives, and a correlation of 0.8 between
    their scores there. The binomial spread of AP follows Boyd, Eng & Page (2013), Area under the
    precision-recall curve, with two hits and two misses added (Agresti & Coull 1998); the correlation
    is a working assumption.

    >>> round(detectable_difference(100, 0.5), 3)
    0.089
    """
    if positives < 1:
        return math.nan
    level = (positives * average_precision + 2) / (positives + 4)
    return (1.96 + 0.84) * math.sqrt(2 * (1 - ALIKE)) * math.sqrt(level * (1 - level) / positives)


def class_counts(subject: Subject) -> Section:
    """Rows of every class, and how uneven they are."""
    order = np.argsort(-subject.counts, kind="stable")
    shown = [*order[:2], *order[2:][-(SHOWN - 2) :]] if len(order) > SHOWN else list(order)
    rows = [
        Figure(
            f"rows of {subject.label(k)}", float(subject.counts[k]), percent(subject.counts[k] / subject.n)
        )
        for k in shown
    ]
    prior = subject.prior
    rare = subject.rarest
    rows += [
        Figure("imbalance ratio", prior.imbalance_ratio, "largest class divided by smallest"),
        Figure(
            "effective classes",
            prior.effective_classes,
            f"exponential of the entropy; {subject.n_classes} when balanced",
        ),
    ]
    left_out = (
        f"; {len(order) - len(shown)} classes between them are not shown" if len(order) > len(shown) else ""
    )
    text = (
        f"{count(subject.n, 'row')} in {subject.n_classes} classes; {subject.label(rare)} has "
        f"{subject.counts[rare]:,} of them ({percent(subject.counts[rare] / subject.n)}), one in "
        f"{subject.n / max(subject.counts[rare], 1):,.1f}{left_out}."
    )
    return Section("Counts", text, tuple(rows))


def effective_sizes(subject: Subject, average_precision: float) -> Section:
    """What the rows are worth under weights and groups, and what a final test part can show."""
    rare = subject.y == subject.rarest
    label = subject.label(subject.rarest)
    worth, rows = 1.0, []
    if subject.weight is not None:
        effective = weighted_rows(subject.weight)
        worth *= effective / subject.n
        rows.append(Figure("effective rows under weights", effective, f"of {subject.n:,}; (Σw)² / Σw²"))
    if subject.group is not None:
        effective = grouped_rows(subject.group, rare)
        worth *= effective / subject.n
        groups = len(np.unique(subject.group))
        rows.append(
            Figure(
                "effective rows under groups",
                effective,
                f"of {subject.n:,} in {groups:,} groups; design effect",
            )
        )
    positives = float(rare.sum()) * worth
    tested = TEST_SHARE * positives
    difference = detectable_difference(tested, average_precision)
    rows += [
        Figure(f"effective rows of {label}", positives, "which sets how well models can be told apart"),
        Figure(f"{label} in a final test part", tested, f"{percent(TEST_SHARE)} of the rows set aside"),
        Figure(
            "smallest visible difference in average precision",
            difference,
            f"2.8 · √0.4 · √(a(1−a)/m), a = (m·AP+2)/(m+4), with m = {tested:,.0f} and AP = {average_precision:.2f}: "
            "80 % power, two models on the same rows whose scores correlate by 0.8",
        ),
    ]
    shows = (
        f"which shows differences in average precision from roughly {difference:.3f} on"
        if tested >= 1
        else "too few to tell any two models apart"
    )
    text = f"A final test part of {percent(TEST_SHARE)} holds about {tested:,.1f} rows of {label}, {shows}."
    return Section("Effective sample size", text, tuple(rows))
