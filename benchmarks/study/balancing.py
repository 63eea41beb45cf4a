"""The protocol of recipe 001: SMOTE, class weights and a tuned threshold, each with one knob, beside doing nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE

from benchmarks.study.plain import Rows, f1, fitted, fold_of, scored, tenth_of
from steelyard.bench import RawTable, Trial
from steelyard.core import derive
from steelyard.recipes import p001_balancing_the_scales as recipe

ARMS = recipe.ARMS
engine = recipe.compare


def plain(table: RawTable, trial: Trial) -> dict[str, float]:
    """One arm on one fold, from the opened table to its scores."""
    fold, learner, split = fold_of(table, trial.split), trial.learner, trial.split
    inner = tenth_of(fold)
    smote_seed, cut = derive(0, split, "smote"), 0.5
    fits = 0

    def fit(rows: Rows, weight: Any = None) -> Any:
        nonlocal fits
        fits += 1
        return fitted(learner, split, rows, weight)

    def smote(k: int, rows: Rows) -> Any:
        X, y = SMOTE(k_neighbors=k, random_state=smote_seed).fit_resample(rows.X, rows.y)
        return fit(rows._replace(X=X, y=y))

    def weighted(share: float, rows: Rows) -> Any:
        n = np.bincount(rows.y)
        weight = np.where(rows.y == n.argmin(), 1 + share * (n.max() / n.min() - 1), 1.0)
        return fit(rows, weight if share else None)

    def f1_of(how: Callable[[Any, Rows], Any]) -> Callable[[Any], float]:
        return lambda knob: f1(inner.y_new, how(knob, inner) >= 0.5)

    if trial.arm == "SMOTE":
        knob: float = max(recipe.NEIGHBOURS, key=f1_of(smote))
        p = smote(int(knob), fold)
    elif trial.arm == "class weights":
        knob = max(recipe.SHARES, key=f1_of(weighted))
        p = weighted(knob, fold)
    else:
        knob = 0.5
        if trial.arm == "threshold":
            chosen_by = fit(inner)
            knob = cut = max(recipe.CUTS[::-1], key=lambda t: f1(inner.y_new, chosen_by >= t))
        p = fit(fold)
    return scored(fold.y_new, p, p >= cut) | {"knob": float(knob), "fits": float(fits)}


def fits_of_engine(scores: pd.DataFrame) -> int:
    """How many models the engine fits, by the knobs that were chosen.

    A fold's learner needs the baseline's fit, one for the thresholds, five neighbourhoods and five weights (no
    weight is the threshold's fit), and the last fit of SMOTE and of the weights, unless the best weight is none.
    """
    chosen = scores[(scores["metric"] == "knob") & (scores["arm"] == "class weights")]
    extra = Counter(chosen["value"] > 0)[True]
    return len(chosen) * (2 + len(recipe.NEIGHBOURS) + len(recipe.SHARES) - 1 + 1) + extra
