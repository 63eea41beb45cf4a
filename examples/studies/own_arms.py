"""A study of your own in one file: what to run, and a list of trials.

steelyard bench run examples/studies/own_arms.py --scale smoke
steelyard bench report examples/studies/own_arms.py --scale smoke --metric average_precision
"""

from __future__ import annotations

from collections.abc import Mapping

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from steelyard.bench import Shared, Trial, held_out
from steelyard.core import derive
from steelyard.ensemble import BalancedRandomForestClassifier
from steelyard.metrics import average_precision, balanced_accuracy

ARMS = {
    "plain": RandomForestClassifier,
    "extra": ExtraTreesClassifier,
    "balanced": BalancedRandomForestClassifier,
}


def build(scale: str, seed: int) -> list[Trial]:
    """Three arms on digits that are told from the rest, five folds each."""
    digits = range(3 if scale == "smoke" else 10)
    return [
        Trial(run, f"digits/{digit}", arm, "forest", seed, split, shares=f"{digit} {split}")
        for digit in digits
        for split in range(2 if scale == "smoke" else 5)
        for arm in ARMS
    ]


def run(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Fit one forest on the training rows of a fold and judge it on the others."""
    part = held_out(trial, shared, folds=5)
    model = ARMS[trial.arm](n_estimators=30, random_state=derive(trial.seed, trial.split, trial.arm))
    p = model.fit(part.X, part.y).predict_proba(part.X_test)
    return {
        "average_precision": average_precision(part.y_test, p),
        "balanced_accuracy": balanced_accuracy(part.y_test, p.argmax(axis=1)),
    }
