"""Diagnose a table: what it is worth, where its classes overlap, which labels to doubt, what drifts."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from steelyard.core import DataError, Listener, Meter, derive, generator
from steelyard.data import duplicate_groups
from steelyard.diagnose import probes
from steelyard.diagnose._inspect import inspect_subject
from steelyard.diagnose.counts import class_counts, effective_sizes
from steelyard.diagnose.crossfit import FOLDS, out_of_fold
from steelyard.diagnose.diagnosis import Diagnosis
from steelyard.diagnose.drift import time_drift
from steelyard.diagnose.finding import Finding
from steelyard.diagnose.label_errors import LabelErrors, find_label_errors
from steelyard.diagnose.neighbours import K, neighbourhood
from steelyard.diagnose.probes import Crossfit, Space
from steelyard.diagnose.result import Section
from steelyard.diagnose.sampling import keep_rare, row_weights
from steelyard.diagnose.subject import Subject, read_subject
from steelyard.diagnose.verdict import judge
from steelyard.metrics import average_precision, metric_names, named, roc_auc
from steelyard.tasks.tabular import TableEncoder

__all__ = ["diagnose"]

JUDGED = 5
LOOKED_AROUND = 10_000


def diagnose(
    frame: Any,
    *,
    target: str,
    positive: Hashable | None = None,
    group: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    seed: int = 0,
    rows_limit: int = 20_000,
    listener: Listener | None = None,
) -> Diagnosis:
    """Diagnose a classification table before any remedy is chosen.

    When to use it: after `inspect`, whose findings it repeats, to see what the rows are worth (counts, effective
    sizes, the smallest difference a final test part can show), where the classes overlap (types of minority
    rows, F1, N1, N3), how hard rows are and whose labels to doubt, what drifts over time, and what every
    metric reaches without skill. Columns that identify rows are left aside; suspected leaks are not, so read the
    verdict beside the findings.

    Larger tables are thinned for the expensive probes, common classes first, and figures are weighted back to
    the whole table; neighbours are always looked for among all rows. The same seed gives the same figures.

    Args:
        frame: a pandas or polars table (n rows).
        target: the column of class labels.
        positive: the positive class of two; default the rarest.
        group: a column whose values must not straddle a split.
        time: a column that orders the rows.
        weight: a column of row weights.
        seed: of all sampling and fitting.
        rows_limit: how many rows models are fitted on.
        listener: receives progress events.

    Raises:
        UsageError: a named column or label does not exist.
        DataError: the table is no classification table; see `inspect`.

    >>> import numpy as np, pandas as pd
    >>> x = np.random.default_rng(0).normal(size=300)
    >>> frame = pd.DataFrame({"x": x, "noise": x[::-1] ** 2, "y": np.where(x > 1, "high", "low")})
    >>> diagnose(frame, target="y").separation
    'separable'
    """
    subject = read_subject(frame, target=target, positive=positive, group=group, time=time, weight=weight)
    return diagnose_subject(subject, seed=seed, rows_limit=rows_limit, listener=listener)


def diagnose_subject(
    subject: Subject, *, seed: int, rows_limit: int, listener: Listener | None = None
) -> Diagnosis:
    """The diagnosis of a table already taken apart."""
    done = Meter(listener, "Diagnosing", 4)
    findings = inspect_subject(subject)
    done(1)
    features = _learnable(subject, findings)
    fit = _cross_fit(subject, features, rows_limit, derive(seed, "diagnose", "fit"))
    done(2)
    space = _space(subject, features, rows_limit, derive(seed, "diagnose", "space"))
    done(3)
    auc, precision = _skill(subject, fit)
    errors = _doubtful(subject, fit)
    sections: list[Section | None] = [
        class_counts(subject),
        effective_sizes(subject, precision if math.isfinite(precision) else 0.5),
    ]
    if space is not None:
        sections.append(probes.types_section(subject, space))
        sections.append(probes.overlap_section(subject, space, seed=seed))
    if fit is not None:
        sections.append(probes.hardness_section(subject, space, fit, auc, precision))
        sections.append(probes.label_section(subject, fit, errors))
    sections.append(time_drift(subject, features, seed=derive(seed, "diagnose", "drift")))
    levels = {name: named(name).no_skill(subject.prior) for name in metric_names()}
    verdict, separation = judge(subject, findings, auc, precision)
    done(4)
    return Diagnosis(
        target=str(subject.target.name),
        verdict=verdict,
        separation=separation,
        findings=tuple(findings),
        sections=tuple(section for section in sections if section is not None),
        no_skill={name: level for name, level in levels.items() if math.isfinite(level)},
        label_errors=replace(errors, rows=subject.rows[errors.rows]),
    )


def _learnable(subject: Subject, findings: list[Finding]) -> pd.DataFrame:
    """The features without columns that identify rows or never vary."""
    idle = {
        name for finding in findings if finding.kind in ("identifier", "constant") for name in finding.columns
    }
    return subject.features.drop(columns=list(idle))


def _cross_fit(subject: Subject, features: pd.DataFrame, limit: int, seed: int) -> Crossfit | None:
    if not features.shape[1] or subject.n < 2 * FOLDS or np.sort(subject.counts)[-2] < 2:
        return None
    rows = keep_rare(subject.y, limit, generator(derive(seed, "rows")))
    try:
        X = TableEncoder(kind="tree").fit_transform(features.iloc[rows].reset_index(drop=True))
    except DataError:  # nothing worth learning from, which the findings say already
        return None
    stands_for = row_weights(subject.y, rows)
    if subject.weight is not None:
        stands_for = stands_for * subject.weight[rows]
    groups = (
        subject.group if subject.group is not None and np.ptp(subject.group) else duplicate_groups(features)
    )
    p = out_of_fold(X, subject.y[rows], subject.n_classes, seed=seed, weight=stands_for, groups=groups[rows])
    return Crossfit(rows, p, stands_for)


def _space(subject: Subject, features: pd.DataFrame, limit: int, seed: int) -> Space | None:
    if not features.shape[1] or subject.n < K + 2:
        return None
    try:
        X = TableEncoder(kind="linear").fit_transform(features)
    except DataError:  # as above
        return None
    return Space(X, neighbourhood(X, subject.y, limit=min(limit, LOOKED_AROUND), seed=seed))


def _skill(subject: Subject, fit: Crossfit | None) -> tuple[float, float]:
    """AUC and average precision of the positive class, or their means over the classes with enough rows."""
    if fit is None:
        return math.nan, math.nan
    y = subject.y[fit.rows]
    judged = [1] if subject.n_classes == 2 else np.flatnonzero(subject.counts >= JUDGED).tolist()
    aucs = [roc_auc((y == k).astype(np.int64), fit.p[:, k], sample_weight=fit.stands_for) for k in judged]
    precisions = [
        average_precision((y == k).astype(np.int64), fit.p[:, k], sample_weight=fit.stands_for)
        for k in judged
    ]
    return (float(np.mean(aucs)), float(np.mean(precisions))) if judged else (math.nan, math.nan)


def _doubtful(subject: Subject, fit: Crossfit | None) -> LabelErrors:
    if fit is None:
        nothing = np.zeros(0, dtype=np.int64)
        return LabelErrors(nothing, nothing, nothing, np.zeros(0))
    found = find_label_errors(subject.y[fit.rows], fit.p)
    return LabelErrors(fit.rows[found.rows], found.given, found.suggested, found.margin)
