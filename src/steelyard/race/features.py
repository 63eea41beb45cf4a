"""A table in a few numbers, by which tables are compared: its size, its rarity, its overlap."""

from __future__ import annotations

import math

import pandas as pd

from steelyard.diagnose import TYPES, Diagnosis
from steelyard.tasks.tabular import infer_roles

__all__ = ["FEATURES", "LOGARITHMS", "table_features"]

FEATURES = {
    "rows": "rows",
    "columns": "feature columns",
    "ratio": "imbalance ratio",
    "rarest": "rows of the rarest class",
    "classes": "effective number of classes",
    "categorical": "share of columns that hold no numbers",
    "missing": "share of missing cells",
    "F1": "overlap along the most telling column",
    "N1": "share of rows on the border",
    "N3": "error of the nearest neighbour",
    "N3_rare": "error of the nearest neighbour for the class of interest",
    **{kind: f"share of {kind} rows in the rare classes" for kind in TYPES},
    "auc": "cross-fitted AUC of boosted trees",
    "precision": "cross-fitted average precision of boosted trees",
}
"""The features by name, in the order in which they are kept."""

LOGARITHMS = ("rows", "columns", "ratio", "rarest")
"""Those kept as decimal logarithms."""


def table_features(X: pd.DataFrame, diagnosis: Diagnosis) -> dict[str, float]:
    """The features of a table, from its feature columns (n, d) and its diagnosis; nan where a probe gave nothing.

    When to use it: to compare tables, as `recommend` does.

    Args:
        X: the feature columns.
        diagnosis: of the same table.

    >>> import numpy as np
    >>> from steelyard.diagnose import diagnose
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> frame = pd.DataFrame({"x": x, "z": x[::-1], "y": np.where(x > 1, "high", "low")})
    >>> found = table_features(frame[["x", "z"]], diagnose(frame, target="y"))
    >>> found["rows"], round(10 ** found["columns"]), found["missing"]
    (2.0, 2, 0.0)
    """
    figures = {
        title: [(row.name, row.value) for row in section.rows]
        for title in ("Counts", "Types of minority rows", "Class overlap", "Hardness")
        if (section := diagnosis.section(title)) is not None
    }

    def first(title: str, start: str) -> float:
        return next(iter(_values(figures.get(title, []), start)), math.nan)

    def mean(title: str, start: str) -> float:
        found = _values(figures.get(title, []), start)
        return sum(found) / len(found) if found else math.nan

    counts = _values(figures.get("Counts", []), "rows of ")
    roles = infer_roles(X)
    return {
        "rows": _log(len(X)),
        "columns": _log(X.shape[1]),
        "ratio": _log(first("Counts", "imbalance ratio")),
        "rarest": _log(min(counts, default=math.nan)),
        "classes": first("Counts", "effective classes"),
        "categorical": sum(role != "number" for role in roles.values()) / max(len(roles), 1),
        "missing": float(X.isna().to_numpy().mean()) if X.size else 0.0,
        "F1": first("Class overlap", "F1"),
        "N1": first("Class overlap", "N1"),
        "N3": first("Class overlap", "N3"),
        "N3_rare": first("Class overlap", "N3 of "),
        **{kind: mean("Types of minority rows", f"{kind} rows of ") for kind in TYPES},
        "auc": first("Hardness", "cross-fitted AUC"),
        "precision": first("Hardness", "cross-fitted average precision"),
    }


def _values(rows: list[tuple[str, float | None]], start: str) -> list[float]:
    return [value for name, value in rows if name.startswith(start) and value is not None]


def _log(value: float) -> float:
    return math.log10(value) if value > 0 else math.nan
