"""Is an arm's place the same with every learner?"""

from __future__ import annotations

import pandas as pd

from steelyard.bench.statistics.scoring import score_table
from steelyard.bench.statistics.strengths import elo_ratings, rank_intervals
from steelyard.core import DataError

__all__ = ["by_learner"]


def by_learner(scores: pd.DataFrame, metric: str, *, lower: bool = False) -> pd.DataFrame:
    """Mean ranks and Elo ratings of the arms within every learner, with intervals from resampled data sets.

    An arm without any score with a learner, such as weights with one that takes none, does not compete there.
    Learners for which no data set has a score of every competing arm are left out.

    Args:
        scores: columns data, arm, learner, seed, split, metric, value, as a study returns them.
        metric: which one.
        lower: smaller is better.

    Returns:
        One row a learner and arm, learners in order of their names and arms best first: learner, arm, sets (how
        many data sets), rank, low, high, best (share of draws in which it ranks first), elo, elo_low, elo_high.

    Raises:
        UsageError: no score of this metric.

    >>> rows = [(d, a, "tree", 0, 0, "f1", v) for d in "xyz" for a, v in (("old", 0.5), ("new", 0.6))]
    >>> scores = pd.DataFrame(rows, columns=["data", "arm", "learner", "seed", "split", "metric", "value"])
    >>> by_learner(scores, "f1")[["learner", "arm", "rank"]].to_dict("records")
    [{'learner': 'tree', 'arm': 'new', 'rank': 1.0}, {'learner': 'tree', 'arm': 'old', 'rank': 2.0}]
    """
    found = []
    for learner, own in scores.groupby("learner"):
        if metric not in set(own["metric"]):
            continue
        try:
            table = score_table(own, metric, lower=lower)
        except DataError:
            continue
        elo = elo_ratings(table).rename(columns={"rating": "elo", "low": "elo_low", "high": "elo_high"})
        ranks = rank_intervals(table).join(elo).reset_index(names="arm")
        ranks.insert(0, "learner", str(learner))
        ranks.insert(2, "sets", len(table))
        found.append(ranks)
    if not found:
        score_table(scores, metric, lower=lower)  # says what is wrong
    return pd.concat(found, ignore_index=True)
