"""Does tuning the threshold beat resampling? Thirty tables, quick learners, four arms.

    steelyard bench run examples/studies/scales30.py
    steelyard bench report examples/studies/scales30.py --metric f1

The trials are those of recipe 001 with the learners of your choice; write `run` and `build` of your own for
other questions, as in `own_arms.py`.
"""

from __future__ import annotations

from steelyard.bench import Trial
from steelyard.data import datasets
from steelyard.recipes.p001_balancing_the_scales import ARMS, FOLDS, compare

LEARNERS = ("decision tree", "lightgbm")


def build(scale: str, seed: int) -> list[Trial]:
    """One trial a table, fold, learner and arm; what a fold's trials have in common is computed once."""
    tables = [info.name for info in datasets() if info.name.startswith("rt30/") and info.available]
    if scale == "smoke":
        tables = ["breast-cancer"]
    return [
        Trial(compare, table, arm, learner, seed, split, shares=f"{table} {seed} {split}")
        for table in tables
        for split in range(1 if scale == "smoke" else FOLDS)
        for learner in LEARNERS
        for arm in ARMS
    ]
