"""Ten ways to decide with one model: tuned thresholds, prices, calibration, another prior. None trains anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression

from benchmarks.study.plain import Rows, f1, fitted, fold_of, scored, tenth_of
from steelyard import metrics
from steelyard.bench import RawTable, Shared, Trial, raw_table
from steelyard.core import Floats
from steelyard.decide import IsotonicCalibration, PriorCorrection, Threshold
from steelyard.decide.rows import FLOOR
from steelyard.recipes import p001_balancing_the_scales as recipe

TUNED = {
    "f1": f1,
    "f2": lambda y, flags: sk.fbeta_score(y, flags, beta=2, zero_division=0),
    "mcc": sk.matthews_corrcoef,
    "balanced_accuracy": sk.balanced_accuracy_score,
}
"""The metrics a threshold is tuned for, as the plain side computes them."""
PRICES = {"a miss costs 2": 2, "a miss costs 5": 5, "a miss costs 10": 10}
CUTS = recipe.CUTS[::-1]
ARMS = ("nothing", *TUNED, *PRICES, "isotonic", "even prior")


def plain(table: RawTable, trial: Trial) -> dict[str, float]:
    """One arm on one fold, from the opened table to its scores."""
    fold, arm = fold_of(table, trial.split), trial.arm
    p, cut, fits = fitted(trial.learner, trial.split, fold), 0.5, 1
    if arm in TUNED or arm == "isotonic":
        inner, fits = tenth_of(fold), 2
        chosen_by = fitted(trial.learner, trial.split, inner)
    if arm in TUNED:
        cut = max(CUTS, key=lambda t: TUNED[arm](inner.y_new, chosen_by >= t))
    elif arm in PRICES:
        cut = 1 / (1 + PRICES[arm])
    elif arm == "isotonic":
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(chosen_by, inner.y_new)
        p = steps.predict(p).clip(FLOOR, 1 - FLOOR)  # neither side promises 0 or 1
    elif arm == "even prior":
        share = fold.y.mean()
        p = p / share / (p / share + (1 - p) / (1 - share))
    return scored(fold.y_new, p, p >= cut) | {"fits": float(fits)}


def engine(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """The same as a trial: a fold's rows and a learner's two fits are made once for all arms."""
    fold = shared("fold", lambda: fold_of(raw_table(trial.data, shared), trial.split))
    inner = shared("tenth", lambda: tenth_of(fold))
    arm, rule = trial.arm, Threshold(0.5)
    p = _fit(trial, shared, "fold", fold)
    if arm in TUNED:
        metric, known = metrics.named(arm), _fit(trial, shared, "tenth", inner)
        rule = max(map(Threshold, CUTS), key=lambda cut: metric(inner.y_new, known, cut.decide(known)))
    elif arm in PRICES:
        rule = Threshold.of_costs(fp=1, fn=PRICES[arm])
    elif arm == "isotonic":
        p = IsotonicCalibration().fit(_fit(trial, shared, "tenth", inner), inner.y_new)(p)
    elif arm == "even prior":
        p = PriorCorrection(np.bincount(fold.y), [1, 1])(p)
    return {name: metrics.named(name)(fold.y_new, p, rule.decide(p)) for name in recipe.MEASURED}


def _fit(trial: Trial, shared: Shared, where: str, rows: Rows) -> Floats:
    p: Floats = shared((where, trial.learner), lambda: fitted(trial.learner, trial.split, rows))
    return p


def fits_of_engine(scores: pd.DataFrame) -> int:
    """Two for a learner on a fold: one to choose by, one to deliver."""
    return 2 * len(scores[["data", "learner", "split"]].drop_duplicates())
