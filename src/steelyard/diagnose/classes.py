"""What the labels themselves show: missing, too few of a class, spelling variants, numbers taken for classes."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from steelyard.diagnose.finding import Finding
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, names, percent

__all__: list[str] = []

FEW = 10
MANY_NUMBERS = 30


def unlabelled(subject: Subject) -> list[Finding]:
    """Rows without a label."""
    if not subject.unlabelled:
        return []
    total = subject.n + subject.unlabelled
    return [
        Finding(
            "unlabelled",
            "warning",
            f"{count(subject.unlabelled, 'row')} without a label",
            f"{subject.unlabelled:,} of {total:,} rows ({percent(subject.unlabelled / total)}) have no value in the "
            "target and are left out.",
            "Check that labels are not missing for a reason of their own, such as outcomes not known yet.",
            (str(subject.target.name),),
        )
    ]


def few_rows(subject: Subject, n_folds: int) -> list[Finding]:
    """Classes that are too small for cross-validation, or for any firm statement."""
    steps = (
        (
            1,
            1,
            "a single row",
            "It can be learned from or tested on, not both: merge or drop it.",
        ),
        (2, 2, "two rows", "Merge such classes with others, collect more rows, or drop them."),
        (
            3,
            n_folds - 1,
            f"fewer rows than the {n_folds} folds",
            "Some folds hold none of it: merge or use fewer.",
        ),
        (
            max(3, n_folds),
            FEW - 1,
            f"fewer than {FEW} rows",
            "Scores for it rest on a handful of rows: collect more.",
        ),
    )
    found = []
    for low, high, what, advice in steps:
        hit = np.flatnonzero((subject.counts >= low) & (subject.counts <= high))
        if len(hit):
            hit = hit[np.argsort(subject.counts[hit], kind="stable")]
            figures = ", ".join(f"{subject.label(k)}: {subject.counts[k]}" for k in hit[:6])
            more = f" and {len(hit) - 6:,} more" if len(hit) > 6 else ""
            found.append(
                Finding(
                    "few_rows",
                    "warning",
                    f"{count(len(hit), 'class', 'classes')} with {what}",
                    f"Rows: {figures}{more}.",
                    advice,
                    (str(subject.target.name),),
                )
            )
    return found


def spelling(subject: Subject) -> list[Finding]:
    """Labels that differ only by case or blanks."""
    if subject.target.dtype.kind in "iufb":
        return []
    variants: dict[str, list[str]] = defaultdict(list)
    for label in subject.target.astype(str).unique().tolist():
        variants[" ".join(label.split()).casefold()].append(label)
    alike = [sorted(group) for group in variants.values() if len(group) > 1]
    if not alike:
        return []
    shown = "; ".join(names(group) for group in alike[:4])
    return [
        Finding(
            "spelling",
            "warning",
            "Labels that differ only by case or blanks",
            f"The target holds {shown}{f' and {len(alike) - 4:,} more' if len(alike) > 4 else ''}.",
            "Write each label one way, or rows of one class are counted as several.",
            (str(subject.target.name),),
        )
    ]


def numbers(subject: Subject) -> list[Finding]:
    """A target of many different numbers, which may be a quantity rather than classes."""
    if subject.target.dtype.kind not in "iuf" or subject.n_classes <= MANY_NUMBERS:
        return []
    return [
        Finding(
            "numeric_target",
            "warning",
            "The target looks like a number",
            f"The target holds {subject.n_classes} different numbers from {subject.labels[0]} to "
            f"{subject.labels[-1]}, and each is taken as a class of its own.",
            "If the order or distance of the numbers matters, cut them into a few classes or predict them as numbers.",
            (str(subject.target.name),),
        )
    ]
