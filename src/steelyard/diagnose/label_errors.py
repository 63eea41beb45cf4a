"""Rows whose label the other rows contradict: confident learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

__all__ = ["LabelErrors", "confident_joint", "find_label_errors"]

ENOUGH = 5


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """Rows to look at, the most doubtful first.

    Attributes:
        rows: row positions (m,).
        given: the class position each row carries (m,).
        suggested: the class position the other rows speak for (m,).
        margin: probability of the suggested class less that of the given one (m,), in (0, 1].
    """

    rows: NDArray[np.int64]
    given: NDArray[np.int64]
    suggested: NDArray[np.int64]
    margin: Floats

    def __len__(self) -> int:
        """How many there are."""
        return len(self.rows)

    def to_json(self, limit: int = 100) -> list[dict[str, Any]]:
        """The first of them as plain records."""
        columns = (self.rows, self.given, self.suggested, self.margin)
        return [
            {
                "row": int(row),
                "given": int(given),
                "suggested": int(suggested),
                "margin": round(float(margin), 6),
            }
            for row, given, suggested, margin in zip(*(column[:limit] for column in columns), strict=True)
        ]


def confident_joint(y: NDArray[np.int64], p: Floats) -> NDArray[np.int64]:
    """Count rows by given class and confidently estimated class (K, K).

    When to use it: to see which classes are taken for which. A row counts towards class l when its probability
    of l reaches the mean probability of l among the rows labelled l; where several do, the most probable one
    counts, and where none does the row counts nowhere. Classes of fewer than 5 rows have no trustworthy mean
    and are left out.

    Args:
        y: class positions as given (n,).
        p: probabilities from models that did not see the row (n, K).

    Source: Northcutt, Jiang & Chuang (2021), Confident learning: estimating uncertainty in dataset labels.

    >>> p = np.array([[0.9, 0.1]] * 5 + [[0.2, 0.8]] * 5 + [[0.1, 0.9]])
    >>> confident_joint(np.array([0] * 5 + [1] * 5 + [0]), p).tolist()
    [[5, 1], [0, 5]]
    """
    estimated = _confident_class(y, p)
    known = estimated >= 0
    joint = np.zeros((p.shape[1], p.shape[1]), dtype=np.int64)
    np.add.at(joint, (y[known], estimated[known]), 1)
    return joint


def find_label_errors(y: NDArray[np.int64], p: Floats) -> LabelErrors:
    """Rows off the diagonal of the confident joint whose most probable class is not the given one.

    When to use it: to choose rows for a second look. Rows of an overlap between classes are found as well as
    mistakes, so correct by looking, never by rule.

    Args:
        y: class positions as given (n,).
        p: probabilities from models that did not see the row (n, K).

    Source: Northcutt, Jiang & Chuang (2021), method C (confusion), ranked by margin.

    >>> p = np.array([[0.9, 0.1]] * 5 + [[0.2, 0.8]] * 5 + [[0.1, 0.9]])
    >>> find_label_errors(np.array([0] * 5 + [1] * 5 + [0]), p).rows.tolist()
    [10]
    """
    estimated = _confident_class(y, p)
    each = np.arange(len(y))
    margin = p[each, estimated] - p[each, y]
    rows = np.flatnonzero((estimated >= 0) & (estimated != y) & (p.argmax(axis=1) != y) & (margin > 0))
    rows = rows[np.argsort(-margin[rows], kind="stable")]
    return LabelErrors(rows, y[rows], estimated[rows], margin[rows])


def _confident_class(y: NDArray[np.int64], p: Floats) -> NDArray[np.int64]:
    counts = np.bincount(y, minlength=p.shape[1])
    own = np.bincount(y, weights=p[np.arange(len(y)), y], minlength=p.shape[1])
    threshold = np.where(counts >= ENOUGH, own / np.maximum(counts, 1), np.inf)
    reached = np.where(p >= threshold, p, -1.0)
    best = reached.argmax(axis=1)
    return np.where((reached.max(axis=1) >= 0) & (counts[y] >= ENOUGH), best, -1)


CARD = {
    "lever": "diagnose",
    "name": "find_label_errors",
    "title": "Probable label errors by confident learning",
    "seeds": ["012"],
    "needs": ["probabilities"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Northcutt, Jiang & Chuang (2021), Confident learning: estimating uncertainty in dataset labels",
    "facts": {},
}
