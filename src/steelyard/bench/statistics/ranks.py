"""Do arms differ at all, and by how many ranks must two of them differ?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from steelyard.core import TooFewSamples

__all__ = ["Friedman", "cliques", "critical_difference", "friedman", "mean_ranks"]


@dataclass(frozen=True)
class Friedman:
    """Friedman's test over data sets, and Iman and Davenport's less conservative form of it.

    Attributes:
        chi2, p: Friedman's statistic, corrected for ties, and its p-value.
        f, p_f: Iman and Davenport's statistic and its p-value.
    """

    chi2: float
    p: float
    f: float
    p_f: float


def mean_ranks(table: pd.DataFrame) -> pd.Series[float]:
    """The mean rank of every arm over data sets, 1 for the best; equal scores share their ranks.

    >>> mean_ranks(pd.DataFrame({"a": [0.9, 0.8], "b": [0.7, 0.8]})).to_dict()
    {'a': 1.25, 'b': 1.75}
    """
    return table.rank(axis=1, ascending=False).mean().sort_values(kind="stable")


def friedman(table: pd.DataFrame) -> Friedman:
    r"""Whether any arm differs from the others.

    With N data sets, K arms and :math:`\chi^2` Friedman's statistic,
    :math:`F = (N - 1)\chi^2 / (N(K - 1) - \chi^2)` has K − 1 and (K − 1)(N − 1) degrees of freedom.

    Raises:
        TooFewSamples: fewer than three arms or two data sets.

    Source: Demšar (2006), Statistical Comparisons of Classifiers over Multiple Data Sets.
    """
    n, k = table.shape
    if k < 3 or n < 2:
        raise TooFewSamples(
            f"{k} arms on {n} data sets came, Friedman's test needs 3 on 2; use a paired test"
        )
    if table.eq(table.iloc[:, 0], axis=0).to_numpy().all():  # the correction for ties would divide by zero
        return Friedman(0.0, 1.0, 0.0, 1.0)
    chi2, p = stats.friedmanchisquare(*(table[arm] for arm in table))
    rest = n * (k - 1) - chi2
    f = (n - 1) * chi2 / rest if rest > 0 else np.inf
    return Friedman(float(chi2), float(p), float(f), float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))))


def critical_difference(arms: int, data_sets: int, alpha: float = 0.05) -> float:
    r"""Nemenyi's critical difference of mean ranks: :math:`q_\alpha \sqrt{K(K+1)/(6N)}`.

    >>> round(critical_difference(4, 14), 2)
    1.25

    Source: Demšar (2006), Statistical Comparisons of Classifiers over Multiple Data Sets.
    """
    q = stats.studentized_range.ppf(1 - alpha, arms, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(arms * (arms + 1) / (6 * data_sets)))


def cliques(ranks: pd.Series[float], difference: float) -> list[tuple[str, ...]]:
    """Groups of arms that lie within one critical difference; only those no other group contains.

    >>> cliques(pd.Series({"a": 1.0, "b": 1.5, "c": 2.6, "d": 4.0}), 1.2)
    [('a', 'b'), ('b', 'c')]
    """
    ordered = ranks.sort_values(kind="stable")
    found: list[tuple[str, ...]] = []
    end = -1
    for i, rank in enumerate(ordered):
        last = int(np.searchsorted(ordered.to_numpy(), rank + difference, side="right")) - 1
        if last > i and last > end:
            found.append(tuple(map(str, ordered.index[i : last + 1])))
            end = last
    return found
