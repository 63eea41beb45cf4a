"""Look a table over before learning from it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from steelyard.diagnose import cells, classes, order
from steelyard.diagnose.duplicates import duplicates
from steelyard.diagnose.finding import Finding, worst_first
from steelyard.diagnose.identifiers import identifiers
from steelyard.diagnose.leaks import leaks
from steelyard.diagnose.subject import Subject, read_subject

__all__ = ["inspect"]


def inspect(
    frame: Any,
    *,
    target: str,
    positive: Hashable | None = None,
    group: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    n_folds: int = 5,
) -> list[Finding]:
    """List what a reader should know about a classification table before anything is learned from it.

    When to use it: first, on the whole table. Looked for are: column roles, missing values (also depending on
    the class), constant columns, columns that identify rows, duplicate rows and contradicting ones, classes
    with too few rows, columns that leak the target (by value, by category, by being missing, as a copy),
    rows, times or groups that order the target, labels spelt in several ways, infinite values and unusable
    weights. Leaks are judged by the cross-validated one-versus-rest AUC of a small tree, or of category rates,
    on one column alone, over at most 20,000 rows in which all rare rows are kept.

    Args:
        frame: a pandas or polars table (n rows).
        target: the column of class labels.
        positive: the positive class of two; default the rarest.
        group: a column whose values must not straddle a split.
        time: a column that orders the rows.
        weight: a column of row weights.
        n_folds: how many folds cross-validation will have.

    Returns:
        Findings, suspects first.

    Raises:
        UsageError: a named column or label does not exist.
        TargetError: the target holds one class, or a number or free text rather than classes.
        TooFewSamples: no rows.
        DataError: two columns of one name, no feature column, no usable weight.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"row": range(60), "x": [0.5, 2.5, 1.5, 3.5] * 15, "y": ["no", "no", "yes"] * 20})
    >>> [(finding.kind, finding.columns) for finding in inspect(frame, target="y")][0]
    ('identifier', ('row',))
    """
    subject = read_subject(frame, target=target, positive=positive, group=group, time=time, weight=weight)
    return inspect_subject(subject, n_folds)


def inspect_subject(subject: Subject, n_folds: int = 5) -> list[Finding]:
    """The findings about a table already taken apart."""
    named = identifiers(subject)
    keys = named[0].columns if named else ()
    found = [
        *named,
        *leaks(subject),
        *classes.unlabelled(subject),
        *classes.few_rows(subject, n_folds),
        *classes.spelling(subject),
        *classes.numbers(subject),
        *duplicates(subject, without=keys),
        *order.time_order(subject),
        *order.pure_groups(subject),
        *cells.weights(subject),
        *cells.infinite(subject),
        *cells.class_missing(subject),
        *cells.missing(subject),
        *cells.constant(subject),
        *order.row_order(subject),
        *cells.roles(subject),
    ]
    return worst_first(found)
