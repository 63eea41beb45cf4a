"""From a study's scores to one number a data set and arm."""

from __future__ import annotations

import pandas as pd

from steelyard.core import DataError, UsageError

__all__ = ["score_table"]


def score_table(scores: pd.DataFrame, metric: str, *, lower: bool = False) -> pd.DataFrame:
    """Means over learners, splits and seeds, data sets × arms; data sets that some arm lacks are left out.

    Args:
        scores: columns data, arm, learner, seed, split, metric, value, as a study returns them.
        metric: which one.
        lower: smaller is better: signs are turned, so that larger is better in the table.

    Raises:
        UsageError: no score of this metric.
        DataError: no data set on which every arm has a score.

    >>> rows = [("d", "a", "", 0, 0, "f1", 0.5), ("d", "a", "", 1, 0, "f1", 0.7), ("d", "b", "", 0, 0, "f1", 0.4)]
    >>> scores = pd.DataFrame(rows, columns=["data", "arm", "learner", "seed", "split", "metric", "value"])
    >>> score_table(scores, "f1").to_dict("index")
    {'d': {'a': 0.6, 'b': 0.4}}
    """
    chosen = scores[scores["metric"] == metric]
    if chosen.empty:
        known = ", ".join(sorted(map(str, scores["metric"].unique())))
        raise UsageError(f"there are no scores of {metric!r}; the study has {known or 'none'}")
    means = chosen.pivot_table("value", "data", "arm", aggfunc="mean").dropna()
    if means.empty:
        raise DataError(f"no data set has scores of {metric!r} for every arm; compare fewer arms")
    means.columns.name = means.index.name = None
    return -means if lower else means
