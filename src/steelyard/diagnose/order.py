"""What the order of rows, time and groups says about the target before any other column does."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from steelyard.core import Floats
from steelyard.diagnose.finding import Finding
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, percent

__all__: list[str] = []

ORDERED = 0.95
LATEST = 0.2
MOSTLY = 0.9


def row_order(subject: Subject) -> list[Finding]:
    """Rows sorted by class."""
    auc, first, last = _order_auc(np.arange(subject.n, dtype=float), subject)
    if auc < ORDERED:
        return []
    return [
        Finding(
            "row_order",
            "info",
            "The rows are sorted by class",
            f"Row numbers alone rank class {last} after class {first} with an AUC of {auc:.3f}.",
            "Splits are shuffled, so nothing is to be done unless the order is that of time; never learn from row "
            "numbers.",
        )
    ]


def time_order(subject: Subject) -> list[Finding]:
    """A time column that has holes, or that orders the target."""
    if subject.time is None:
        return []
    name = subject.names["time"]
    found = []
    holes = int(np.isnan(subject.time).sum())
    if holes:
        found.append(
            Finding(
                "time",
                "warning",
                "Rows without a time",
                f"The time column {name!r} is missing in {count(holes, 'row')} of {subject.n:,}.",
                "Fill the times in or drop those rows: without a time a row belongs neither before nor after.",
                (name,),
            )
        )
    late = _latest(subject.time)
    absent = np.flatnonzero(
        (np.bincount(subject.y[late], minlength=subject.n_classes) == 0) & (subject.counts > 5)
    )
    auc, first, last = _order_auc(subject.time, subject)
    if auc >= ORDERED or len(absent):
        what = (
            f"Time alone ranks class {last} after class {first} with an AUC of {auc:.3f}."
            if auc >= ORDERED
            else f"The latest {percent(LATEST)} of the rows hold none of class {subject.label(int(absent[0]))}."
        )
        found.append(
            Finding(
                "time_order",
                "warning",
                "Time orders the target",
                what,
                "A model tested on later rows meets other classes than it was trained on: check that the label is "
                "complete for all times, or split without time.",
                (name,),
            )
        )
    return found


def pure_groups(subject: Subject) -> list[Finding]:
    """Groups whose rows all carry the same label."""
    if subject.group is None:
        return []
    name = subject.names["group"]
    number = pd.factorize(subject.group)[0].astype(np.int64)
    size = np.bincount(number)
    if len(size) < 2:
        return [
            Finding(
                "group",
                "warning",
                "One group only",
                f"The group column {name!r} holds the same value in all {subject.n:,} rows.",
                "Splitting by it is impossible: leave the group out or choose another column.",
                (name,),
            )
        ]
    several = size > 1
    if several.sum() < 5:
        return []
    pure = _pure(number, subject.y, subject.n_classes)[several]
    share = float(pure.mean())
    expected = _expected_pure(size[several], subject.counts / subject.n)
    if share < MOSTLY or share - expected < 0.5 * (1 - expected):
        return []
    return [
        Finding(
            "pure_groups",
            "warning",
            "Groups hold one class each",
            f"{percent(share)} of the {int(several.sum()):,} groups in {name!r} with two rows or more hold a single "
            f"class; {percent(expected)} would by chance.",
            f"The label belongs to the group, so count {len(size):,} groups rather than {subject.n:,} rows, and never "
            "let a group straddle a split.",
            (name,),
        )
    ]


def _order_auc(when: Floats, subject: Subject) -> tuple[float, str, str]:
    """How well an order separates some class from all others, in the better direction."""
    known = np.isfinite(when)
    ranks, y = rankdata(when[known]), subject.y[known]
    counts = np.bincount(y, minlength=subject.n_classes)
    best = (0.5, "", "")
    for k in np.flatnonzero((counts >= 5) & (counts < len(y))):
        auc = (ranks[y == k].sum() - counts[k] * (counts[k] + 1) / 2) / (counts[k] * (len(y) - counts[k]))
        other = "the others" if subject.n_classes > 2 else subject.label(1 - int(k))
        pair = (other, subject.label(int(k))) if auc >= 0.5 else (subject.label(int(k)), other)
        best = max(best, (float(max(auc, 1 - auc)), *pair))
    return best


def _latest(when: Floats) -> NDArray[np.int64]:
    known = np.flatnonzero(np.isfinite(when))
    order = known[np.argsort(when[known], kind="stable")]
    return order[int(len(order) * (1 - LATEST)) :]


def _pure(number: NDArray[np.int64], y: NDArray[np.int64], n_classes: int) -> NDArray[np.bool_]:
    pairs = np.unique(number * n_classes + y)
    return np.asarray(np.bincount(pairs // n_classes) == 1)


def _expected_pure(size: NDArray[np.int64], p: Floats) -> float:
    """The share of groups of these sizes that hold one class if labels were dealt at random."""
    return float((p[:, None] ** size[None, :]).sum(axis=0).mean())
