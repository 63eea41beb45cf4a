"""Columns that name rows instead of describing them: row counters, unique numbers, unique texts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.diagnose.finding import Finding
from steelyard.diagnose.subject import Subject
from steelyard.diagnose.wording import count, names
from steelyard.tasks.tabular.columns.values import numbers

__all__: list[str] = []

FEW_ROWS = 20
TOO_MANY_TIES = 7  # a measure shows no tie at all with probability exp(-7)


def identifiers(subject: Subject) -> list[Finding]:
    """Columns with a different value in every row that no measurement would show."""
    reasons = {name: reason for name in subject.coded if (reason := _reason(subject, name)) is not None}
    if not reasons:
        return []
    shown = "; ".join(f"{name!r} {reason}" for name, reason in list(reasons.items())[:4])
    many = len(reasons) > 1
    return [
        Finding(
            "identifier",
            "suspect",
            f"{count(len(reasons), 'column')} that identif{'y' if many else 'ies'} rows",
            f"{shown}{f' and {len(reasons) - 4:,} more' if len(reasons) > 4 else ''}.",
            f"Leave {names(reasons)} out: a learner can only memorise {'them' if many else 'it'}, and new rows "
            "bring new values.",
            tuple(reasons),
        )
    ]


def _reason(subject: Subject, name: str) -> str | None:
    column, role = subject.coded[name], subject.roles[name]
    if role not in ("identifier", "number") or subject.n < FEW_ROWS:
        return None
    if not column.ordered:
        return f"holds {column.distinct:,} different texts in {subject.n:,} rows"
    if column.distinct < subject.n:
        return None
    values = numbers(subject.features[name])
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return None
    return _number_reason(values, keyed=role == "identifier")


def _number_reason(values: Floats, *, keyed: bool) -> str | None:
    steps: NDArray[np.float64] = np.diff(values)
    if (steps == steps[0]).all():
        return f"counts the rows in steps of {steps[0]:g}"
    # n draws from a range of R whole numbers show about n²/2R pairs of equal ones
    ties = len(values) ** 2 / (2 * float(np.ptp(values) + 1))
    if ties > TOO_MANY_TIES:
        return (
            f"holds a different whole number in each of {len(values):,} rows, where a measure over that range "
            f"would repeat about {ties:,.0f} times"
        )
    return f"holds a different whole number in each of {len(values):,} rows" if keyed else None
