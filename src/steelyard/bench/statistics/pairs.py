"""Two arms at a time: wins, mean gains, and tests that allow for having asked many times."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from steelyard.core import Floats, UsageError

__all__ = ["compare_pairs", "holm", "wins_ties_losses"]


def compare_pairs(table: pd.DataFrame, *, control: str | None = None, tie: float = 0.0) -> pd.DataFrame:
    """Wilcoxon's signed-rank test for pairs of arms, adjusted by Holm.

    Args:
        table: data sets × arms, larger is better.
        control: compare every arm with this one only; None compares all pairs.
        tie: differences up to this count as ties in wins and losses (not in the test).

    Returns:
        One row a pair: arm, other, gain (mean of arm − other), wins, ties, losses, p, p_holm.

    >>> table = pd.DataFrame({"old": [0.5] * 8, "new": [0.6, 0.7, 0.65, 0.55, 0.8, 0.52, 0.61, 0.49]})
    >>> compare_pairs(table, control="old")[["arm", "wins", "losses"]].to_dict("records")
    [{'arm': 'new', 'wins': 7, 'losses': 1}]
    """
    arms = list(table.columns)
    if control is not None and control not in arms:
        raise UsageError(f"{control!r} is none of the arms {', '.join(map(str, arms))}; name one of them")
    pairs = (
        list(combinations(arms, 2)) if control is None else [(arm, control) for arm in arms if arm != control]
    )
    rows = []
    for arm, other in pairs:
        gap = (table[arm] - table[other]).to_numpy(dtype=float)
        p = float(stats.wilcoxon(gap).pvalue) if gap.any() else 1.0
        rows.append((arm, other, gap.mean(), *wins_ties_losses(gap, tie=tie), p))
    frame = pd.DataFrame(rows, columns=["arm", "other", "gain", "wins", "ties", "losses", "p"])
    return frame.assign(p_holm=holm(frame["p"]))


def wins_ties_losses(gap: ArrayLike, *, tie: float = 0.0) -> tuple[int, int, int]:
    """How many differences lie above `tie`, within it, and below.

    >>> wins_ties_losses([0.1, -0.2, 0.001, 0.3], tie=0.01)
    (2, 1, 1)
    """
    values = np.asarray(gap, dtype=float)
    wins, losses = int((values > tie).sum()), int((values < -tie).sum())
    return wins, len(values) - wins - losses, losses


def holm(p: ArrayLike) -> Floats:
    """Holm's step-down adjusted p-values (m,): valid whatever the dependence between tests.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]

    Source: Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.
    """
    values = np.asarray(p, dtype=float)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
