"""What single cells show: column roles, missing, constant and infinite values, unusable weights."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy.stats import chi2_contingency

from steelyard.diagnose.finding import Finding
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, names, percent

__all__: list[str] = []

NOTED = {"date": "date", "text": "text", "category": "category"}
MOSTLY_MISSING = 0.5
CLASS_GAP = 0.1


def roles(subject: Subject) -> list[Finding]:
    """Say which columns were taken as dates, text and categories."""
    by_role: dict[str, list[str]] = defaultdict(list)
    for name, role in subject.roles.items():
        by_role[role].append(name)
    noted = [role for role in NOTED if by_role[role]]
    if not noted:
        return []
    parts = "; ".join(
        f"{count(len(by_role[role]), role + ' column')}: {names(by_role[role])}" for role in noted
    )
    shown = tuple(name for role in noted for name in by_role[role])
    advice = "If a column was taken for the wrong kind, convert it before learning."
    if by_role["date"] and subject.time is None:
        advice += (
            f" If rows are predicted in the order of {by_role['date'][0]!r}, name it as the time column."
        )
    return [
        Finding("roles", "info", "Columns that are not numbers", f"Read as {parts}.", advice, shown),
    ]


def missing(subject: Subject) -> list[Finding]:
    """Columns with missing values, those mostly missing apart."""
    shares = {name: float(column.missing.mean()) for name, column in subject.coded.items()}
    holes = sorted((name for name, share in shares.items() if 0 < share < 1), key=lambda name: -shares[name])
    found = []
    for mostly in (True, False):
        part = [name for name in holes if (shares[name] > MOSTLY_MISSING) is mostly]
        if part:
            figures = ", ".join(f"{name!r} {percent(shares[name])}" for name in part[:5])
            more = f" and {len(part) - 5:,} more" if len(part) > 5 else ""
            found.append(
                Finding(
                    "missing",
                    "warning" if mostly else "info",
                    f"{count(len(part), 'column')} {'mostly missing' if mostly else 'with missing values'}",
                    f"Share of missing values: {figures}{more}.",
                    "Find out why they are missing; tree learners use missingness as it is, others need filling in."
                    if mostly
                    else "Nothing to do: missing values are kept for tree learners and filled in for the others.",
                    tuple(part),
                )
            )
    return found


def class_missing(subject: Subject) -> list[Finding]:
    """Columns missing clearly more often in one class than in another."""
    found: list[tuple[float, str, str]] = []
    n_columns = subject.features.shape[1]
    for name, column in subject.coded.items():
        hole = column.missing
        if not 0 < hole.sum() < subject.n:
            continue
        table = np.stack(
            [np.bincount(subject.y[part], minlength=subject.n_classes) for part in (hole, ~hole)]
        )
        judged = np.flatnonzero(subject.counts >= 10)
        if len(judged) < 2:
            continue
        rate = table[0, judged] / subject.counts[judged]
        gap = float(rate.max() - rate.min())
        if gap < CLASS_GAP or chi2_contingency(table[:, judged]).pvalue * n_columns > 1e-3:
            continue
        most, least = judged[int(np.argmax(rate))], judged[int(np.argmin(rate))]
        text = (
            f"{name!r} {percent(float(rate.max()))} in class {subject.label(most)} against "
            f"{percent(float(rate.min()))} in {subject.label(least)}"
        )
        found.append((gap, name, text))
    if not found:
        return []
    found.sort(reverse=True)
    return [
        Finding(
            "class_missing",
            "warning",
            f"{count(len(found), 'column')} whose missing values depend on the class",
            f"Missing: {'; '.join(text for _, _, text in found[:4])}{_more(len(found) - 4)}.",
            "Make sure these are not filled in after the outcome is known; if they are, leave them out.",
            tuple(name for _, name, _ in found),
        )
    ]


def constant(subject: Subject) -> list[Finding]:
    """Columns that hold one value, or none at all."""
    same = [name for name, column in subject.coded.items() if column.levels <= 1]
    if not same:
        return []
    return [
        Finding(
            "constant",
            "info",
            f"{count(len(same), 'constant column')}",
            f"{names(same)} hold{'s' if len(same) == 1 else ''} the same value in all {subject.n:,} rows.",
            "Nothing to do: they are ignored. If they should vary, look at how the table was made.",
            tuple(same),
        )
    ]


def infinite(subject: Subject) -> list[Finding]:
    """Numeric columns with infinite values."""
    numbers = subject.features.select_dtypes("number")
    infinite_cells = np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).sum(axis=0)
    hits = dict(zip(numbers.columns, infinite_cells.tolist(), strict=True))
    bad = sorted((name for name, hit in hits.items() if hit), key=lambda name: -hits[name])
    if not bad:
        return []
    figures = ", ".join(f"{name!r} {count(hits[name], 'row')}" for name in bad[:5])
    return [
        Finding(
            "infinite",
            "warning",
            f"Infinite values in {count(len(bad), 'column')}",
            f"Infinite: {figures}{_more(len(bad) - 5)}.",
            "They usually come from a division by zero; make them missing or a large finite number.",
            tuple(bad),
        )
    ]


def weights(subject: Subject) -> list[Finding]:
    """Weights that cannot be used: missing, infinite, negative or zero."""
    raw = subject.raw_weight
    if raw is None:
        return []
    unusable = int((~(np.isfinite(raw) & (raw > 0))).sum())
    if not unusable:
        return []
    name = subject.names["weight"]
    negative = int((raw < 0).sum())
    zero = int((raw == 0).sum())
    return [
        Finding(
            "weights",
            "warning",
            "Weights that do not count",
            f"The weight column {name!r} holds {negative:,} negative, {zero:,} zero and "
            f"{unusable - negative - zero:,} missing or infinite values in {subject.n:,} rows.",
            "Rows with weight 0 do not count, and nothing can be learned with the others: correct them first.",
            (name,),
        )
    ]


def _more(left: int) -> str:
    return f" and {left:,} more" if left > 0 else ""
