"""Rows that occur more than once, and those that do so with different labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.data import duplicate_groups
from steelyard.diagnose.finding import Finding
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, percent

__all__: list[str] = []

NOTEWORTHY = 0.01


def duplicates(subject: Subject, without: tuple[str, ...] = ()) -> list[Finding]:
    """Exact duplicates of the features, and duplicates whose labels contradict each other."""
    looked_at = subject.features.drop(columns=list(without))
    if not looked_at.shape[1]:
        return []
    number = duplicate_groups(looked_at)
    size = np.bincount(number)
    extra = subject.n - len(size)
    if not extra:
        return []
    copies = int((size[number] > 1).sum())
    aside = " (identifiers left aside)" if without else ""
    found = [
        Finding(
            "duplicates",
            "warning" if extra > NOTEWORTHY * subject.n else "info",
            f"{count(extra, 'duplicate row')}",
            f"{copies:,} of {subject.n:,} rows ({percent(copies / subject.n)}) have the same features as another "
            f"row{aside}; without repeats {len(size):,} rows are left.",
            "Keep copies of a row on one side of every split, or drop them: a model tested on rows it was trained "
            "on looks too good.",
        )
    ]
    return found + _contradictions(subject, number)


def _contradictions(subject: Subject, number: NDArray[np.int64]) -> list[Finding]:
    pair, uniques = pd.factorize(number * subject.n_classes + subject.y)
    per_pair = np.bincount(pair)
    owner = np.asarray(uniques) // subject.n_classes
    labels_held = np.bincount(owner)
    mixed = labels_held > 1
    if not mixed.any():
        return []
    rows = int(mixed[number].sum())
    largest = np.zeros(len(labels_held), dtype=np.int64)
    np.maximum.at(largest, owner, per_pair)
    wrong = int((np.bincount(number)[mixed] - largest[mixed]).sum())
    return [
        Finding(
            "conflicts",
            "warning",
            f"{count(rows, 'row')} with contradicting labels",
            f"{rows:,} rows ({percent(rows / subject.n)}) share all features with a row of another class; no model "
            f"can get fewer than {wrong:,} of them wrong.",
            "Look at some of them: if one label is a mistake correct it, if both are true a column that tells them "
            "apart is missing.",
        )
    ]
