"""Balancing the Scales: doing nothing, SMOTE, class weights and a tuned threshold, on thirty tables.

Every remedy has one knob, chosen by F1 on a tenth of the training fold, then the model is fitted again on the
whole fold. The threshold arm uses the very model of the baseline. What the four arms have in common (encoded
rows, synthetic rows, the baseline's two fits) is computed once a fold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from steelyard import metrics
from steelyard.bench import Shared, Trial, raw_table
from steelyard.core import Floats, NotForMe, derive
from steelyard.data import datasets
from steelyard.recipes.study_learners import LEARNERS, QUICK, study_encoder
from steelyard.resample import SMOTE

PAPER = {
    "number": "001",
    "title": "Balancing the Scales: A Comprehensive Study on Tackling Class Imbalance in Binary Classification",
    "area": "tabular",
    "source": "Abdelhamid and Desai (2024)",
    "notes": [
        "the rarest class is the positive one in all thirty tables; in two the study has it the other way round",
        "defaults of the learners that the paper does not state are scikit-learn's and the libraries' own",
        "EBM has the defaults of interpret 0.6, of the study's time",
        "the ReLU network of PiML is scikit-learn's multi-layer perceptron with two layers",
        "between equal F1 the largest threshold and the smallest knob are taken",
    ],
    "claims": [
        {
            "says": "a tuned threshold has more F1 than doing nothing",
            "metric": "f1",
            "arm": "threshold",
            "beats": "baseline",
        },
        {"says": "SMOTE has more F1 than doing nothing", "metric": "f1", "arm": "SMOTE", "beats": "baseline"},
        {
            "says": "class weights have more F1 than doing nothing",
            "metric": "f1",
            "arm": "class weights",
            "beats": "baseline",
        },
        {
            "says": "a tuned threshold has more F1 than class weights",
            "metric": "f1",
            "arm": "threshold",
            "beats": "class weights",
        },
        {
            "says": "a tuned threshold has more F1 than SMOTE (not significant in the paper)",
            "metric": "f1",
            "arm": "threshold",
            "beats": "SMOTE",
        },
        {
            "says": "SMOTE has the worst Brier score: worse than doing nothing",
            "metric": "brier",
            "arm": "baseline",
            "beats": "SMOTE",
            "lower": True,
        },
        {
            "says": "a threshold leaves the ranking as it is",
            "metric": "roc_auc",
            "arm": "threshold",
            "beats": "baseline",
            "within": 1e-12,
        },
        {
            "says": "a threshold leaves the probabilities as they are",
            "metric": "brier",
            "arm": "threshold",
            "beats": "baseline",
            "within": 1e-12,
        },
    ],
}

FOLDS, FOLD_SEED, INNER_SEED = 5, 42, 123
NEIGHBOURS = (1, 3, 5, 7, 9)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
CUTS = tuple(np.round(np.arange(0.05, 0.501, 0.05), 2).tolist())
ARMS = ("baseline", "SMOTE", "class weights", "threshold")
MEASURED = (
    *(
        "f1",
        "f2",
        "mcc",
        "recall",
        "precision",
        "pr_auc_trapezoid",
        "roc_auc",
        "accuracy",
        "log_loss",
        "brier",
    ),
    "average_precision",
)


def build(scale: str, seed: int) -> list[Trial]:
    """All thirty tables × five folds × four arms; the quick learners at `small`, all fifteen at `full`."""
    tables = [info.name for info in datasets() if info.name.startswith("rt30/")]
    learners, folds = tuple(LEARNERS) if scale == "full" else QUICK, FOLDS
    if scale == "smoke":
        tables, learners, folds = ["breast-cancer"], ("decision tree", "lightgbm"), 1
    return [
        Trial(compare, table, arm, learner, seed, split, shares=f"{table} {seed} {split}")
        for table in tables
        for split in range(folds)
        for learner in learners
        for arm in ARMS
    ]


@dataclass(frozen=True, eq=False)
class Part:
    """Encoded training rows and the rows to judge on."""

    X: Floats
    y: NDArray[np.int64]
    X_test: Floats
    y_test: NDArray[np.int64]


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One learner in one arm on one fold: choose the knob, fit, judge."""
    outer = shared("outer", lambda: _outer(trial, shared))
    inner = shared("inner", lambda: _inner(outer))
    fit = _Fits(trial, shared)
    cut = 0.5
    if trial.arm == "SMOTE":
        k = _best(NEIGHBOURS, lambda k: _f1(inner, fit.smote(inner, "inner", k), 0.5))
        p, knob = fit.smote(outer, "outer", k), float(k)
    elif trial.arm == "class weights":
        share = _best(SHARES, lambda share: _f1(inner, fit.weighted(inner, "inner", share), 0.5))
        p, knob = fit.weighted(outer, "outer", share), share
    else:
        p, knob = fit.weighted(outer, "outer", 0.0), 0.5
        if trial.arm == "threshold":
            plain = fit.weighted(inner, "inner", 0.0)
            cut = knob = _best(CUTS[::-1], lambda t: _f1(inner, plain, t))
    decisions = (p >= cut).astype(np.int64)
    scores = {name: metrics.named(name)(outer.y_test, p, decisions) for name in MEASURED}
    return scores | {"knob": knob}


class _Fits:
    """Probabilities of the positive class by one learner, each fit made once."""

    def __init__(self, trial: Trial, shared: Shared) -> None:
        self.trial, self.shared = trial, shared

    def weighted(self, part: Part, where: str, share: float) -> Floats:
        """With the minority weighing 1 + share · (imbalance ratio − 1)."""
        return self._once((where, "weights", share), lambda: self._fit(part, part.X, part.y, share))

    def smote(self, part: Part, where: str, k: int) -> Floats:
        """After SMOTE with k neighbours; its rows are shared by all learners."""

        def rows() -> tuple[Floats, NDArray[np.int64]]:
            seed = derive(self.trial.seed, self.trial.split, "smote")
            return SMOTE(k_neighbors=k, random_state=seed).fit_resample(part.X, part.y)

        X, y = self.shared((where, "smote", k), rows)
        return self._once((where, "smote", k), lambda: self._fit(part, X, y, 0.0))

    def _once(self, name: tuple[Any, ...], compute: Callable[[], Floats]) -> Floats:
        p: Floats = self.shared((*name, self.trial.learner), compute)
        return p

    def _fit(self, part: Part, X: Floats, y: NDArray[np.int64], share: float) -> Floats:
        model = LEARNERS[self.trial.learner](derive(self.trial.seed, self.trial.split, "learner"))
        if share:
            n = np.bincount(y)
            weight = np.where(y == n.argmin(), 1 + share * (n.max() / n.min() - 1), 1.0)
            if not _takes_weights(model):
                raise NotForMe(f"{self.trial.learner} takes no sample weights")
            model.fit(X, y, sample_weight=weight)
        else:
            model.fit(X, y)
        return np.asarray(model.predict_proba(part.X_test)[:, 1], dtype=float)


def _best(knobs: tuple[Any, ...], score: Callable[[Any], float]) -> Any:
    """The knob of the highest score, the first one among equals."""
    return max(knobs, key=score)


def _f1(part: Part, p: Floats, cut: float) -> float:
    return metrics.f1(part.y_test, (p >= cut).astype(np.int64))


def _outer(trial: Trial, shared: Shared) -> Part:
    table = raw_table(trial.data, shared)
    dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=FOLD_SEED + trial.seed)
    train, test = list(dealt.split(table.X, table.y))[trial.split]
    encoder = study_encoder()
    X = encoder.fit_transform(table.X.iloc[train])
    return Part(X, table.y[train], encoder.transform(table.X.iloc[test]), table.y[test])


def _inner(outer: Part) -> Part:
    """Nine tenths to fit with, a tenth to choose by."""
    X, X_test, y, y_test = train_test_split(
        outer.X, outer.y, test_size=0.1, stratify=outer.y, random_state=INNER_SEED
    )
    return Part(X, y, X_test, y_test)


def _takes_weights(model: Any) -> bool:
    from sklearn.utils.validation import has_fit_parameter

    return bool(has_fit_parameter(model, "sample_weight"))
