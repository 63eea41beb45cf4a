"""Columns that give the target away: alone near-perfect, by value, by category or by being missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from steelyard.core import derive, generator
from steelyard.diagnose.alone import (
    FOLDS,
    Sample,
    category_aucs,
    direct_aucs,
    like_categories,
    number_aucs,
    promising,
)
from steelyard.diagnose.columns import Coded, moments
from steelyard.diagnose.finding import Finding
from steelyard.diagnose.folds import deal_folds
from steelyard.diagnose.sampling import keep_rare
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, names

__all__: list[str] = []

ROWS = 20_000
JUDGED = 5  # a class with fewer rows cannot accuse a column
PERFECT, STRONG = 0.99, 0.98
BY_MISSING = 0.95
NEAR_COPY = 0.97
ONE_CLASS = 0.995
MANY, MANY_SHARE = 5, 0.25


def leaks(subject: Subject) -> list[Finding]:
    """Suspected leaks, and columns that single out one class of several."""
    judged = np.flatnonzero(subject.counts >= JUDGED)
    if len(judged) < 2:
        return []
    rng = generator(derive(0, "leaks", subject.n))
    rows = keep_rare(subject.y, ROWS, rng)
    y = subject.y[rows]
    sample = Sample(rows, y, deal_folds(y, FOLDS, rng), judged, subject.n_classes)
    found = [pair for name in subject.coded for pair in _judge(subject, name, sample)]
    found = _easy(found, len(subject.coded))
    accused = [
        finding for _, finding in sorted(found, key=lambda pair: -pair[0]) if finding.kind != "one_class"
    ]
    singled = [finding for _, finding in found if finding.kind == "one_class"]
    return [*accused, *([] if accused else _missing_pattern(subject, sample)), *_merge(singled)]


def _judge(subject: Subject, name: str, sample: Sample) -> Iterator[tuple[float, Finding]]:
    """At most one finding about a column, with a figure to sort by."""
    column = subject.coded[name]
    if column.levels < 2:
        return
    recoded = _recoding(subject, name, column)
    if recoded:
        yield 2.0, recoded
        return
    missing = column.missing[sample.rows]
    by_missing = float(direct_aucs(missing.astype(float), sample).mean()) if missing.any() else 0.5
    if by_missing >= BY_MISSING:
        yield (
            1 + by_missing,
            _leak(
                name,
                f"{name!r} gives the target away by being missing",
                f"Whether {name!r} is missing alone ranks the classes with an AUC of {by_missing:.3f}.",
                "It is probably filled in after the outcome is known; if so, leave it out.",
            ),
        )
        return
    if like_categories(column, sample):
        each = category_aucs(column.codes[sample.rows], sample)
    elif promising(column, sample):
        each = number_aucs(moments(subject.features[name], subject.roles[name])[sample.rows], sample)
    else:
        return
    auc = float(each.mean())
    if auc >= STRONG:
        yield auc, _alone(name, auc, thinned=len(sample.rows) if len(sample.rows) < subject.n else 0)
    elif subject.n_classes > 2 and each.max() >= ONE_CLASS:
        label = subject.label(int(sample.judged[int(np.argmax(each))]))
        yield auc, Finding("one_class", "info", "", label, "", (name,))


def _easy(found: list[tuple[float, Finding]], n_columns: int) -> list[tuple[float, Finding]]:
    """Where many columns are near-perfect by value, classes that lie apart are the likelier reason than leaks."""
    perfect = [pair for pair in found if pair[1].kind == "leak" and pair[0] <= 1]
    if len(perfect) < 2 or (len(perfect) < MANY and len(perfect) <= MANY_SHARE * n_columns):
        return found
    near = [pair for pair in found if pair[1].kind in ("leak", "strong") and pair[0] <= 1]
    columns = tuple(finding.columns[0] for _, finding in sorted(near, key=lambda pair: -pair[0]))
    lowest = min(auc for auc, _ in near)
    together = Finding(
        "strong",
        "warning",
        f"{len(columns)} of {n_columns} columns alone predict the target",
        f"Each of {names(columns)} alone ranks the classes with an AUC of {lowest:.3f} or more "
        f"({FOLDS}-fold cross-validated).",
        "Either the classes simply lie apart, or all of these follow from the outcome: ask which are known at the "
        "moment of prediction.",
        columns,
    )
    return [(1.0, together), *(pair for pair in found if pair not in near)]


def _alone(name: str, auc: float, *, thinned: int) -> Finding:
    sure = auc >= PERFECT
    note = f", {thinned:,} rows with all rare ones kept" if thinned else ""
    return Finding(
        "leak" if sure else "strong",
        "suspect" if sure else "warning",
        f"{name!r} alone {'predicts' if sure else 'nearly predicts'} the target",
        f"{name!r} alone ranks the classes with an AUC of {auc:.4f} ({FOLDS}-fold cross-validated{note}).",
        "Ask whether it is known at the moment of prediction; if it follows from the outcome, leave it out.",
        (name,),
    )


def _recoding(subject: Subject, name: str, column: Coded) -> Finding | None:
    """The column says the same as the target in other words, exactly or in nearly every row."""
    values = column.levels
    if values > 2 * subject.n_classes + 2 or subject.counts.min() < 3:
        return None
    table = np.zeros((values, subject.n_classes), dtype=np.int64)
    np.add.at(table, (np.where(column.missing, values - 1, column.codes), subject.y), 1)
    if ((table > 0).sum(axis=1) <= 1).all():
        same = values == subject.n_classes
        return _leak(
            name,
            f"{name!r} is {'a copy of the target' if same else 'the target recoded'}",
            f"Each of its {values} values occurs with one class only, in all {subject.n:,} rows.",
            "Leave it out: it is the answer itself.",
        )
    if column.distinct != subject.n_classes or subject.counts.min() < JUDGED:
        return None
    share = table[: column.distinct] / subject.counts
    agreement = float(share.max(axis=1).mean())
    if agreement < NEAR_COPY or len(np.unique(share.argmax(axis=1))) < subject.n_classes:
        return None
    return _leak(
        name,
        f"{name!r} is nearly a copy of the target",
        f"It has as many values as there are classes, and each covers one class by {agreement:.1%} on average.",
        "Ask where it comes from; if it is another record of the outcome, leave it out.",
    )


def _missing_pattern(subject: Subject, sample: Sample) -> list[Finding]:
    """Which cells of a row are missing, taken together."""
    holes = [name for name, column in subject.coded.items() if 0 < column.missing.sum() < subject.n]
    if len(holes) < 2:
        return []
    pattern = np.zeros(len(sample.rows), dtype=np.int64)
    for name in holes:
        pattern = pd.factorize(2 * pattern + subject.coded[name].missing[sample.rows])[0].astype(np.int64)
    auc = float(category_aucs(pattern, sample).mean())
    if auc < BY_MISSING:
        return []
    return [
        Finding(
            "missing_pattern",
            "warning",
            "Which cells are missing gives the target away",
            f"The pattern of missing cells over {len(holes)} columns ranks the classes with an AUC of {auc:.3f}, "
            "though no column alone does.",
            "Look at which of them are filled in after the outcome is known, and leave those out.",
            tuple(holes),
        )
    ]


def _leak(name: str, title: str, message: str, advice: str) -> Finding:
    return Finding("leak", "suspect", title, message, advice, (name,))


def _merge(singled: list[Finding]) -> list[Finding]:
    if not singled:
        return []
    shown = "; ".join(f"{finding.columns[0]!r} class {finding.message}" for finding in singled[:4])
    more = f" and {len(singled) - 4:,} more" if len(singled) > 4 else ""
    columns = tuple(finding.columns[0] for finding in singled)
    return [
        Finding(
            "one_class",
            "info",
            f"{count(len(singled), 'column')} that single{'s' if len(singled) == 1 else ''} out one class",
            f"Alone they tell one class from all others with an AUC of at least {ONE_CLASS}: {shown}{more}.",
            f"Check that {names(columns)} {'is' if len(columns) == 1 else 'are'} known at the moment of prediction.",
            columns,
        )
    ]
