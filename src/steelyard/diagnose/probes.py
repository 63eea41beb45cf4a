"""The sections of a diagnosis that look at neighbours and at cross-fitted probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats, derive, generator
from steelyard.diagnose.hardness import disagreement, wrong_class_probability
from steelyard.diagnose.label_errors import LabelErrors
from steelyard.diagnose.minority import TYPES, row_types
from steelyard.diagnose.neighbours import Neighbourhood
from steelyard.diagnose.overlap import border_rows, fisher_by_class, fisher_overlap
from steelyard.diagnose.result import Figure, Section
from steelyard.diagnose.sampling import keep_shares, row_weights
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, percent

__all__: list[str] = []

TREE_ROWS, TREE_FLOOR, TREE_WORK = 3_000, 50, 3e9
CLASSES_SHOWN = 6
MOSTLY_OVERLAP = 0.05
QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Space:
    """All rows as points, with the neighbours of some."""

    X: NDArray[np.float32]
    around: Neighbourhood


@dataclass(frozen=True, eq=False)
class Crossfit:
    """Probabilities (m, K) of some rows from models that did not see them; each stands for so many rows."""

    rows: NDArray[np.int64]
    p: Floats
    stands_for: Floats


def rare_first(subject: Subject) -> list[int]:
    """The classes shown one by one: all of a few, else the rarest; binary shows the positive class first."""
    order = np.argsort(subject.counts, kind="stable").tolist()
    return [1, 0] if subject.n_classes == 2 else [k for k in order if subject.counts[k]][:CLASSES_SHOWN]


def types_section(subject: Subject, space: Space) -> Section:
    """Safe, borderline, rare and outlying rows of the classes below the average size."""
    types = row_types(space.X, subject.y, space.around)
    owner = subject.y[space.around.rows]
    minor = [k for k in rare_first(subject) if subject.counts[k] * subject.n_classes < subject.n] or [
        subject.rarest
    ]
    rows, sentences = [], []
    for k in minor:
        mine = types[owner == k]
        shares = np.bincount(mine, minlength=len(TYPES)) / max(len(mine), 1)
        looked = count(len(mine), "row") if len(mine) == subject.counts[k] else f"{len(mine):,} of its rows"
        rows += [
            Figure(f"{kind} rows of {subject.label(k)}", float(share), f"share of {looked}")
            for kind, share in zip(TYPES, shares, strict=True)
        ]
        sentences.append(
            f"{subject.label(k)}: "
            + ", ".join(f"{percent(float(share))} {kind}" for kind, share in zip(TYPES, shares, strict=True))
        )
    text = f"By the classes of their five nearest neighbours, rows of {'; '.join(sentences[:2])}."
    return Section("Types of minority rows", text, tuple(rows))


def overlap_section(subject: Subject, space: Space, *, seed: int) -> Section:
    """F1, N1 and N3, overall and by class; each is 0 for classes far apart and grows with overlap."""
    y, around = subject.y, space.around
    error = (y[around.nearest[:, 0]] != y[around.rows]).astype(float)
    affordable = int(min(TREE_ROWS, math.sqrt(TREE_WORK / space.X.shape[1])))
    kept = keep_shares(y, affordable, generator(derive(seed, "tree", len(y))), TREE_FLOOR)
    border = border_rows(space.X[kept], y[kept]).astype(float)
    n1, n3 = _mean(border, row_weights(y, kept)), _mean(error, around.stands_for)
    thinned = "" if len(kept) == subject.n else f", on {len(kept):,} rows"
    f1, f1_of = fisher_overlap(space.X, y), fisher_by_class(space.X, y)
    rows = [
        Figure("F1", f1, "overlap along the most telling column: 0 apart, 1 alike"),
        Figure("N1", n1, f"share of rows that touch another class in the minimum spanning tree{thinned}"),
        Figure("N3", n3, "error of the nearest neighbour, left one out"),
    ]
    for k in rare_first(subject):
        label = subject.label(k)
        if subject.n_classes > 2:
            rows.append(Figure(f"F1 of {label}", float(f1_of[k]), "against the rest"))
        rows.append(Figure(f"N1 of {label}", _mean(border[y[kept] == k]), "share of its rows on the border"))
        wrong = _mean(error[y[around.rows] == k])
        rows.append(Figure(f"N3 of {label}", wrong, "share of its rows nearest to another class"))
    rare = subject.rarest
    text = (
        f"F1 {f1:.2f}, N1 {n1:.2f}, N3 {n3:.2f} (0 is easy); the nearest neighbour is wrong for "
        f"{percent(_mean(error[y[around.rows] == rare]))} of the rows of {subject.label(rare)}."
    )
    return Section("Class overlap", text, tuple(rows))


def hardness_section(
    subject: Subject, space: Space | None, fit: Crossfit, auc: float, average_precision: float
) -> Section:
    """Disagreeing neighbours (kDN) and the probability of the wrong class, by class."""
    y = subject.y[fit.rows]
    wrong = wrong_class_probability(y, fit.p)
    rare = subject.label(subject.rarest)
    whose = rare if subject.n_classes == 2 else "the mean class of 5 rows or more"
    rows = [
        Figure(
            "cross-fitted AUC", auc, "gradient-boosted trees, every row judged by models that did not see it"
        ),
        Figure("cross-fitted average precision", average_precision, f"for {whose}"),
    ]
    for k in rare_first(subject):
        mine, label = wrong[y == k], subject.label(k)
        rows += [
            Figure(
                f"wrong-class probability of {label}, quantile {level:g}",
                float(np.quantile(mine, level)),
                "1 less the cross-fitted probability of the row's own class",
            )
            for level in (QUANTILES if len(mine) else ())
        ]
        if space is not None:
            hard = disagreement(subject.y, space.around)[subject.y[space.around.rows] == k]
            rows.append(
                Figure(f"kDN of {label}", _mean(hard), "mean share of five neighbours with another label")
            )
    median = float(np.median(wrong[y == subject.rarest])) if (y == subject.rarest).any() else float("nan")
    text = (
        f"Half of the rows of {rare} get a wrong-class probability of {median:.2f} or more; cross-fitted AUC "
        f"{auc:.3f}, average precision {average_precision:.3f}."
    )
    return Section("Hardness", text, tuple(rows))


def label_section(subject: Subject, fit: Crossfit, errors: LabelErrors) -> Section:
    """How many labels are doubtful, which classes are taken for which, and the most doubtful rows."""
    weight = np.zeros(subject.n)
    weight[fit.rows] = fit.stands_for
    total = float(weight[errors.rows].sum())
    pairs = np.zeros((subject.n_classes, subject.n_classes))
    np.add.at(pairs, (errors.given, errors.suggested), weight[errors.rows])
    order = np.argsort(-pairs, axis=None, kind="stable")[:CLASSES_SHOWN]
    rows = [Figure("doubtful labels", total, f"{percent(total / subject.n)} of {subject.n:,} rows")]
    for given, suggested in zip(*np.unravel_index(order, pairs.shape), strict=True):
        if pairs[given, suggested]:
            name = f"{subject.label(given)} that look like {subject.label(suggested)}"
            rows.append(Figure(name, float(pairs[given, suggested]), "rows"))
    rows += [
        Figure(
            f"row {subject.rows[row]:,}",
            float(margin),
            f"labelled {subject.label(given)}, looks like {subject.label(suggested)}; margin of probability",
        )
        for row, given, suggested, margin in zip(
            errors.rows[:5], errors.given[:5], errors.suggested[:5], errors.margin[:5], strict=True
        )
    ]
    thinned = "" if len(fit.rows) == subject.n else f", estimated from {len(fit.rows):,} rows"
    share = total / subject.n
    advice = (
        "so many that most lie where the classes overlap, so correct none by rule."
        if share > MOSTLY_OVERLAP
        else "mistakes, or rows where the classes overlap; look at the most doubtful before any correction."
    )
    text = (
        f"The other rows contradict the label of {count(total, 'row')} ({percent(share)}){thinned}: {advice}"
    )
    if not len(errors):
        text = f"No label is contradicted by the other rows{thinned}."
    return Section("Probable label errors", text, tuple(rows))


def _mean(values: Floats, weight: Floats | None = None) -> float:
    return float(np.average(values, weights=weight)) if len(values) else float("nan")
