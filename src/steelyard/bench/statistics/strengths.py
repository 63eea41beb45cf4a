"""How strong is every arm, and how sure is its place?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from steelyard.core import Floats, generator

__all__ = ["elo_ratings", "rank_intervals"]

SCALE = 400 / np.log(10)
"""Elo points a unit of log-odds."""


def rank_intervals(table: pd.DataFrame, *, draws: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Mean ranks with percentile intervals from resampled data sets; columns rank, low, high, best.

    `best` is the share of draws in which the arm has the smallest mean rank.
    """
    ranks = table.rank(axis=1, ascending=False).to_numpy()
    rows = generator(seed).integers(len(ranks), size=(draws, len(ranks)))
    means = ranks[rows].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    best = np.bincount(means.argmin(axis=1), minlength=ranks.shape[1]) / draws
    columns = {"rank": ranks.mean(axis=0), "low": low, "high": high, "best": best}
    return pd.DataFrame(columns, index=table.columns).sort_values("rank", kind="stable")


def elo_ratings(
    table: pd.DataFrame, *, base: float = 1000.0, draws: int = 200, seed: int = 0
) -> pd.DataFrame:
    """Bradley–Terry strengths on Elo's scale; columns rating, low, high.

    Every pair of arms on every data set is one game; a tie is half a win. 400 points more means ten wins to
    one loss. A tenth of a game each way between all pairs keeps unbeaten arms finite. Intervals come from
    resampled data sets.

    Source: Bradley and Terry (1952), Rank Analysis of Incomplete Block Designs.
    """
    scores = table.to_numpy(dtype=float)
    # won[d, i, j]: the result of arm i against arm j on data set d
    won = np.sign(scores[:, :, None] - scores[:, None, :]) / 2 + 0.5
    rating = _fit(won.sum(axis=0))
    rows = generator(seed).integers(len(scores), size=(draws, len(scores)))
    drawn = np.array([_fit(won[some].sum(axis=0)) for some in rows])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    columns = {"rating": base + rating, "low": base + low, "high": base + high}
    found = pd.DataFrame(columns, index=table.columns)
    return found.sort_values("rating", ascending=False, kind="stable")


def _fit(wins: Floats) -> Floats:
    """Elo points, averaging zero, that make the wins most likely."""
    games = wins + 0.1
    np.fill_diagonal(games, 0.0)

    def loss(strength: Floats) -> tuple[float, Floats]:
        gap = strength[:, None] - strength[None, :]
        surplus = games * expit(-gap)
        slope = surplus.sum(axis=1) - surplus.sum(axis=0)
        return -float((games * log_expit(gap)).sum()), -slope

    found: Floats = minimize(loss, np.zeros(len(wins)), jac=True, method="L-BFGS-B").x
    return np.asarray((found - found.mean()) * SCALE)
