"""A study's results as one Parquet file: small enough to keep beside the code, and all a page needs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from steelyard.bench.study import StudyResults
from steelyard.core import DataError, atomic_path

__all__ = ["read_results", "write_results"]

TRIAL = ["key", "data", "arm", "learner", "seed", "split", "settings"]
FATE = ["state", "reason", "seconds"]
COLUMNS = [*TRIAL, *FATE, "metric", "value"]


def write_results(results: StudyResults, path: str | Path) -> None:
    """Write one row a score, and one row without a metric for every trial that has none.

    When to use it: to keep or pass on what a study found; the ledger's folder is for going on with it.

    Args:
        results: as `run_study` or `read_study` returns them.
        path: the Parquet file, replaced if it exists.

    Raises:
        DataError: there are no trials yet.
    """
    if results.trials.empty:
        raise DataError("the study has no finished trial; run it before its results are written")
    scores = results.scores[["key", "metric", "value"]]
    whole = results.trials[[*TRIAL, *FATE]].merge(scores, on="key", how="left")[COLUMNS]
    whole = whole.sort_values([*TRIAL[1:], "key", "metric"], kind="stable", ignore_index=True)
    with atomic_path(Path(path)) as temporary:
        whole.to_parquet(temporary, compression="zstd", index=False)


def read_results(path: str | Path) -> StudyResults:
    """What `write_results` wrote.

    Args:
        path: the Parquet file.

    Raises:
        DataError: no such file, or one of another kind.
    """
    try:
        whole = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} holds no results of a study: {error}; write them with write_results"
        ) from error
    if lacking := [name for name in COLUMNS if name not in whole]:
        raise DataError(f"{path} lacks the columns {', '.join(lacking)}; it is no file of write_results")
    trials = whole.drop_duplicates("key")[[*TRIAL, *FATE]].reset_index(drop=True)
    scores = whole.loc[whole["metric"].notna(), [*TRIAL[1:-1], "metric", "value", "key"]]
    scores = scores.reset_index(drop=True)
    return StudyResults(scores, trials, len(trials))
