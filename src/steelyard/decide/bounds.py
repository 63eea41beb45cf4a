"""How well a bound on precision or recall was kept, on one set of rows or over folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.decide.row_costs import RowCosts
from steelyard.decide.rows import class_positions, row_weights

__all__ = ["Judged"]

ROUNDING = 1e-9  # a bound missed by less is kept


@dataclass(frozen=True, eq=False)
class Judged:
    """Labelled rows with what a model said of them: all that a goal needs to score it."""

    y: NDArray[np.int64]
    p: Floats
    decisions: NDArray[np.int64]
    weight: Floats | None = None
    costs: RowCosts | None = None


@dataclass(frozen=True)
class Bound:
    """At least `value` of one of the two shares; the other is what counts.

    Attributes:
        on: "precision" or "recall", the share that is bounded.
        value: the bound.
    """

    on: str
    value: float

    def score(self, rows: Judged) -> float:
        """The other share, or by how much the bound is missed (negative); NaN without positives."""
        shares = _shares(rows)
        if np.isnan(shares["recall"]):
            return float("nan")
        short = shares[self.on] - self.value
        return self._other(shares) if short >= -ROUNDING else short

    def reached(self, rows: Judged) -> float:
        """The other share, whether or not the bound was kept."""
        return self._other(_shares(rows))

    def score_folds(self, folds: Sequence[Judged]) -> list[float]:
        """The same on every fold, with the bound judged once, on the rows of all folds together.

        One fold has too few flagged rows to tell a precision of 0.88 from 0.9. The bound counts as kept when the
        pooled share misses it by at most one standard error; else every fold scores the pooled miss.
        """
        if not folds:
            return []
        whole = _shares(_pooled(folds))
        slack = np.sqrt(self.value * (1 - self.value) / max(whole[f"{self.on}_rows"], 1.0))
        short = whole[self.on] - self.value
        if short >= -slack - ROUNDING or np.isnan(short):
            return [self._other(_shares(fold)) for fold in folds]
        return [short] * len(folds)

    def _other(self, shares: dict[str, float]) -> float:
        return shares["recall" if self.on == "precision" else "precision"]


def _shares(rows: Judged) -> dict[str, float]:
    """Precision (1 when nothing is flagged), recall, and the number of rows each is a share of."""
    decisions = np.asarray(rows.decisions)
    truth = class_positions(rows.y, len(decisions), 2)
    weight = row_weights(rows.weight, len(truth))
    hits = float(weight[(truth == 1) & (decisions == 1)].sum())
    flagged, positives = weight[decisions == 1], weight[truth == 1]
    return {
        "precision": hits / flagged.sum() if flagged.sum() else 1.0,
        "recall": hits / positives.sum() if positives.sum() else float("nan"),
        "precision_rows": _effective(flagged),
        "recall_rows": _effective(positives),
    }


def _effective(weight: Floats) -> float:
    """As many equal rows as these tell about (Kish)."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def _pooled(folds: Sequence[Judged]) -> Judged:
    def joined(parts: list[Any]) -> Any:
        return np.concatenate(parts)

    weights = [fold.weight for fold in folds if fold.weight is not None]
    return Judged(
        joined([fold.y for fold in folds]),
        joined([fold.p for fold in folds]),
        joined([fold.decisions for fold in folds]),
        joined(weights) if weights else None,
    )
