"""Make the store behind `steelyard recommend` from the study of the race's arms.

steelyard bench run examples/studies/race_arms.py
python -m tools.experience studies/race_arms-small
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from steelyard.bench import listed_trials, load_study, read_study
from steelyard.core import atomic_path
from steelyard.data import datasets

STUDY = Path("examples/studies/race_arms.py")
STORE = Path("src/steelyard/race/experience.parquet")
YARDSTICK, DESCRIPTION = "prior_only", "features"
MOST = 0.75
DIGITS = 4


def long_table(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores of every fold, and every table's features in the place of a fold's scores."""
    kept = scores[scores["arm"].ne(YARDSTICK)]
    metric = kept["metric"].str.split("/", expand=True)
    described = kept["arm"].eq(DESCRIPTION)
    bases = {info.name: info.family or info.name for info in datasets()}
    made = pd.DataFrame(
        {
            "table": kept["data"],
            "base": kept["data"].map(bases),
            "arm": kept["arm"].where(described, kept["arm"] + "." + kept["learner"].replace("", "own")),
            "metric": metric[0],
            "fold": pd.to_numeric(metric[1]).fillna(0).astype("int8"),
            "value": kept["value"].round(DIGITS).astype("float32"),
        }
    )
    made = made[described | metric[1].notna()]  # means are made from the folds
    names = ["table", "base", "arm", "metric"]
    made = made.astype(dict.fromkeys(names, "category"))
    return made.sort_values([*names, "fold"]).reset_index(drop=True)


def whole(results: pd.DataFrame, listed: int) -> pd.DataFrame:
    """Tables on which most arms have run, with the arms that have run on all of them: an unfinished study will do."""
    ran = results.groupby("data").size()
    tables = ran.index[ran >= MOST * listed]
    kept = results[results["data"].isin(tables)]
    everywhere = kept.groupby(["arm", "learner"])["data"].transform("nunique") == len(tables)
    return kept[everywhere]


def main(folder: str) -> None:
    """Write the store from the trials that have run."""
    trials = listed_trials(load_study(STUDY), "small", 0)
    results = read_study(trials, folder)
    print(", ".join(f"{n} {state}" for state, n in results.states.items()))
    tables = {trial.data for trial in trials}
    kept = whole(results.trials, len(trials) // len(tables))
    scores = results.scores.merge(kept[["data", "arm", "learner"]], on=["data", "arm", "learner"])
    made = long_table(scores)
    with atomic_path(STORE) as temporary:
        made.to_parquet(temporary, index=False, compression="zstd", compression_level=19)
    size = STORE.stat().st_size / 1e6
    arms = made.loc[made["arm"].ne(DESCRIPTION), "arm"].nunique()
    known = (
        f"{made['table'].nunique()} of {len(tables)} tables, {arms} of {len(trials) // len(tables) - 2} arms"
    )
    print(f"{known}, {len(made):,} values, {size:.2f} MB: wrote {STORE}")


if __name__ == "__main__":
    main(sys.argv[1])
