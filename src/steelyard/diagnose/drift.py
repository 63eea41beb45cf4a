"""What changes over time: prevalence, single columns, and all columns together."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

from steelyard.core import Floats, derive, generator
from steelyard.diagnose.crossfit import out_of_fold
from steelyard.diagnose.result import Figure, Section
from steelyard.diagnose.sampling import keep_rare
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.summary import ColumnDrift, covariate_drift, summarise
from steelyard.diagnose.wording import names, percent
from steelyard.metrics import roc_auc
from steelyard.tasks.tabular import TableEncoder

__all__: list[str] = []

PARTS = 5
ROWS = 8_000
SHOWN = 5
MOVED = 0.02  # a smaller change of prevalence is not worth a word, however certain


def time_drift(subject: Subject, features: pd.DataFrame, *, seed: int) -> Section | None:
    """Compare the latest fifth of the rows with all earlier ones; None without a usable time."""
    if subject.time is None:
        return None
    part = _parts(subject.time)
    late = part == PARTS - 1
    if min(late.sum(), (part >= 0).sum() - late.sum()) < 20:
        return None
    early = (part >= 0) & ~late
    moved = covariate_drift(
        summarise(features[early], roles=subject.roles), features[late].reset_index(drop=True)
    )
    auc = _adversarial_auc(features, early, late, seed)
    prevalence, rows = _prevalence(subject, part)
    drifted = [drift for drift in moved if drift.level != "none"]
    rows.append(
        Figure(
            "adversarial AUC",
            auc,
            "how well the columns together tell the latest rows from earlier ones: 0.5 not at all, 1 perfectly",
        )
    )
    rows += [Figure(f"PSI of {drift.column!r}", drift.psi, _wording(drift)) for drift in moved[:SHOWN]]
    columns = (
        f"{len(drifted)} of {len(moved)} columns drift (PSI from 0.1): {names(drift.column for drift in drifted)}"
        if drifted
        else f"none of {len(moved)} columns drifts (PSI under 0.1 or within chance)"
    )
    return Section("Drift over time", f"{prevalence} {columns[0].upper()}{columns[1:]}.", tuple(rows))


def _parts(time: Floats) -> NDArray[np.int64]:
    """Five parts of about equally many rows in order of time, equal times together; -1 without a time."""
    known = np.flatnonzero(np.isfinite(time))
    part = np.full(len(time), -1, dtype=np.int64)
    cuts = np.quantile(time[known], np.linspace(0, 1, PARTS + 1)[1:-1]) if len(known) else np.array([])
    part[known] = np.searchsorted(cuts, time[known], side="right")
    return part


def _prevalence(subject: Subject, part: NDArray[np.int64]) -> tuple[str, list[Figure]]:
    rare = subject.y == subject.rarest
    label = subject.label(subject.rarest)
    held = np.flatnonzero(np.bincount(part[part >= 0], minlength=PARTS))
    table = np.array([[(rare & (part == k)).sum(), (~rare & (part == k)).sum()] for k in held])
    shares = table[:, 0] / table.sum(axis=1)
    rows = [
        Figure(f"share of {label} in time part {place + 1}", float(share), f"of {total:,} rows")
        for place, (share, total) in enumerate(zip(shares, table.sum(axis=1), strict=True))
    ]
    certain = (table.sum(axis=0) > 0).all() and len(held) > 1 and chi2_contingency(table).pvalue < 1e-3
    swing = float(np.ptp(shares))
    if certain and (swing > MOVED or shares.max() > 1.5 * shares.min()):
        text = (
            f"The share of {label} runs from {percent(float(shares[0]))} in the earliest to "
            f"{percent(float(shares[-1]))} in the latest part (lowest {percent(float(shares.min()))}, highest "
            f"{percent(float(shares.max()))})."
        )
        return text, rows
    return f"The share of {label} stays near {percent(float(rare.mean()))} over time.", rows


def _adversarial_auc(
    features: pd.DataFrame, early: NDArray[np.bool_], late: NDArray[np.bool_], seed: int
) -> float:
    known = np.flatnonzero(early | late)
    which = late[known].astype(np.int64)
    kept = keep_rare(which, ROWS, generator(derive(seed, "adversarial", len(which))))
    try:
        X = TableEncoder(kind="tree").fit_transform(features.iloc[known[kept]].reset_index(drop=True))
    except ValueError:  # nothing varies
        return math.nan
    p = out_of_fold(X, which[kept], 2, seed=derive(seed, "adversarial"), n_folds=3)
    return roc_auc(which[kept], p[:, 1])


def _wording(drift: ColumnDrift) -> str:
    parts = [f"{drift.level} drift" if drift.level != "none" else "no drift beyond chance or 0.1"]
    if drift.ks is not None:
        parts.append(f"KS {drift.ks:.3f}")
    if drift.missing_before != drift.missing_now:
        parts.append(f"missing {percent(drift.missing_before)} before, {percent(drift.missing_now)} now")
    if drift.unseen:
        parts.append(f"{percent(drift.unseen)} new values")
    return ", ".join(parts)
