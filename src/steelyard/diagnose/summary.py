"""A table's columns as small JSON summaries, and how far other rows have moved from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from steelyard.core import DataError, Floats
from steelyard.diagnose.columns import moments
from steelyard.tasks.tabular import infer_roles

__all__ = ["ColumnDrift", "DriftMeter", "covariate_drift", "summarise"]

BINS = 20
LEVELS = 50
SLIGHT, STRONG = 0.1, 0.25
SURE = 0.01  # chance of any false alarm over all columns


@dataclass(frozen=True)
class ColumnDrift:
    """How far one column has moved.

    Attributes:
        column: its name.
        level: "none", "slight" (PSI from 0.1) or "strong" (from 0.25); never above "none" while chance explains it.
        psi: population stability index over bins, frequent values and missing cells.
        ks: largest difference of the cumulative shares over the bins; None for categories.
        missing_before, missing_now: shares of missing cells.
        unseen: share of values that the reference did not list.
    """

    column: str
    level: str
    psi: float
    ks: float | None
    missing_before: float
    missing_now: float
    unseen: float

    def to_json(self) -> dict[str, Any]:
        """The plain form."""
        return asdict(self)


def summarise(frame: pd.DataFrame, *, roles: Mapping[Any, str] | None = None) -> dict[str, Any]:
    """Summarise every column in a few numbers that JSON can hold, to compare later rows with.

    When to use it: on training rows, beside a model. Numbers and dates are kept as the shares of at most 20
    bins between their quantiles, categories as the shares of their 50 most frequent values, texts by their
    number of words; missing cells count apart.

    Args:
        frame: the rows to remember (n rows).
        roles: column -> role, where `infer_roles` should not decide.

    >>> summary = summarise(pd.DataFrame({"x": [1.0, 2.0, None, 2.0], "city": ["Rome", "Rome", "Oslo", "Oslo"]}))
    >>> summary["columns"]["city"]["levels"], summary["columns"]["x"]["missing"]
    ({'Rome': 0.5, 'Oslo': 0.5}, 0.25)
    """
    known = dict(roles or {}) or infer_roles(frame)
    columns = {str(name): _summary(frame[name], known.get(name, "number")) for name in frame.columns}
    return {"rows": len(frame), "columns": columns}


class DriftMeter:
    """Counts rows against a summary, chunk by chunk, so that they never need to be in memory together.

    >>> old, new = pd.DataFrame({"x": np.arange(1000.0)}), pd.DataFrame({"x": np.arange(500.0, 1500.0)})
    >>> meter = DriftMeter(summarise(old))
    >>> meter.add(new.iloc[:500])
    >>> meter.add(new.iloc[500:])
    >>> [(drift.column, drift.level, drift.ks) for drift in meter.result()]
    [('x', 'strong', 0.5)]
    """

    def __init__(self, reference: Mapping[str, Any]) -> None:
        self.reference = reference
        self.rows = 0
        self._counts = {
            name: np.zeros(_size(summary), dtype=np.int64) for name, summary in reference["columns"].items()
        }

    def add(self, frame: pd.DataFrame) -> None:
        """Count the rows of a chunk; columns the summary does not know are ignored."""
        by_name = {str(name): frame[name] for name in frame.columns}
        lost = [name for name in self._counts if name not in by_name]
        if lost:
            raise DataError(f"column {lost[0]!r} is not in the new rows; give all columns of the summary")
        for name, summary in self.reference["columns"].items():
            self._counts[name] += np.bincount(_cells(by_name[name], summary), minlength=_size(summary))
        self.rows += len(frame)

    def result(self) -> list[ColumnDrift]:
        """The drift of every column, the largest first."""
        if not self.rows:
            return []
        n_columns = max(len(self._counts), 1)
        drifts = [
            _compare(name, summary, self._counts[name], self.reference["rows"], n_columns)
            for name, summary in self.reference["columns"].items()
        ]
        return sorted(drifts, key=lambda drift: -drift.psi)


def covariate_drift(
    reference_summary: Mapping[str, Any], frame: pd.DataFrame | Iterable[pd.DataFrame]
) -> list[ColumnDrift]:
    r"""Compare rows, or a stream of chunks of rows, with a summary of earlier ones.

    When to use it: at prediction time, before trusting scores on new rows.

    .. math:: PSI = \sum_b (q_b - p_b) \ln (q_b / p_b)

    with shares p of the reference and q of the new rows, each smoothed by half a row a bin. Chance alone gives
    PSI about (B − 1)(1/n + 1/n'), distributed as χ² scaled; a column counts as drifted only above that too.

    Args:
        reference_summary: from `summarise`.
        frame: rows with the same columns, or an iterable of such frames.

    Raises:
        DataError: a column of the summary is missing.

    >>> old = pd.DataFrame({"city": ["Rome", "Oslo"] * 50})
    >>> covariate_drift(summarise(old), pd.DataFrame({"city": ["Rome"] * 100}))[0].level
    'strong'
    """
    meter = DriftMeter(reference_summary)
    for chunk in [frame] if isinstance(frame, pd.DataFrame) else frame:
        meter.add(chunk)
    return meter.result()


def _summary(column: pd.Series[Any], role: str) -> dict[str, Any]:
    missing = float(column.isna().mean())
    if role in ("category", "identifier", "constant") and column.dtype.kind not in "iufbM":
        shares = column.dropna().astype(str).value_counts(normalize=True).head(LEVELS)
        levels = dict(zip(shares.index.astype(str), shares.astype(float).tolist(), strict=True))
        return {"kind": "category", "missing": missing, "levels": levels}
    kind = "date" if column.dtype.kind == "M" else role if role in ("date", "text") else "number"
    values = _values(column, kind)
    finite = values[np.isfinite(values)]
    edges = np.unique(np.quantile(finite, np.linspace(0, 1, BINS + 1)[1:-1])) if len(finite) else np.array([])
    summary = {"kind": kind, "missing": missing, "edges": edges.tolist()}
    held = np.bincount(np.searchsorted(edges, values[~np.isnan(values)]), minlength=len(edges) + 1)
    return {**summary, "shares": (held / max(held.sum(), 1)).tolist()}


def _values(column: pd.Series[Any], kind: str) -> Floats:
    if column.isna().all():
        return np.full(len(column), np.nan)
    if kind == "text":
        words = column.astype(str).str.count(r"\S+").to_numpy(dtype=float)
        return np.where(column.isna(), np.nan, words)
    return moments(column, kind)


def _size(summary: Mapping[str, Any]) -> int:
    """Bins or levels, then one cell for values not listed (categories), then one for missing."""
    return len(summary["levels"]) + 2 if summary["kind"] == "category" else len(summary["edges"]) + 2


def _cells(column: pd.Series[Any], summary: Mapping[str, Any]) -> NDArray[np.int64]:
    hole = column.isna().to_numpy()
    last = _size(summary) - 1
    if summary["kind"] == "category":
        position = {level: place for place, level in enumerate(summary["levels"])}
        codes, levels = pd.factorize(column.astype(str))
        cells = np.array([position.get(level, last - 1) for level in levels] or [last])[codes]
        return np.where(hole, last, cells)
    values = _values(column, summary["kind"])
    return np.where(np.isnan(values), last, np.searchsorted(np.asarray(summary["edges"]), values))


def _expected(summary: Mapping[str, Any]) -> Floats:
    if summary["kind"] == "category":
        listed = np.array(list(summary["levels"].values()), dtype=float)
        held = np.append(listed, max(0.0, 1 - listed.sum()))
    else:
        held = np.array(summary["shares"], dtype=float)
    return np.append(held * (1 - summary["missing"]), summary["missing"])


def _compare(
    name: str, summary: Mapping[str, Any], counts: NDArray[np.int64], rows_before: int, n_columns: int
) -> ColumnDrift:
    rows = int(counts.sum())
    before, now = _expected(summary), counts / rows
    seen = (before > 0) | (now > 0)
    psi = _psi(before[seen] * rows_before, counts[seen].astype(float))
    noise = chi2.ppf(1 - SURE / n_columns, max(int(seen.sum()) - 1, 1)) * (1 / max(rows_before, 1) + 1 / rows)
    level = "none" if psi < max(SLIGHT, noise) else "slight" if psi < STRONG else "strong"
    category = summary["kind"] == "category"
    ks = None
    if not category and before[:-1].sum() > 0 and now[:-1].sum() > 0:
        gap = np.cumsum(before[:-1]) / before[:-1].sum() - np.cumsum(now[:-1]) / now[:-1].sum()
        ks = float(np.abs(gap).max())
    unseen = float(now[-2]) if category and before[-2] < 1e-12 else 0.0
    return ColumnDrift(name, level, psi, ks, float(before[-1]), float(now[-1]), unseen)


def _psi(before: Floats, now: Floats) -> float:
    p, q = (before + 0.5) / (before.sum() + 0.5 * len(before)), (now + 0.5) / (now.sum() + 0.5 * len(now))
    return float(((q - p) * np.log(q / p)).sum())
