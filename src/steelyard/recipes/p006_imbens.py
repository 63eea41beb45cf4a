"""The ensemble toolbox: every ensemble under every schedule, what its log says, and what has to be exact."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import check_estimator

from steelyard import ensemble, metrics
from steelyard.bench import Run, Shared, Trial
from steelyard.core import Floats, derive
from steelyard.recipes.remedies_on_trees import (
    COST_ENSEMBLES,
    OVER_ENSEMBLES,
    UNDER_ENSEMBLES,
    fold,
    table_traits,
)
from steelyard.samplers import cascade_counts

PAPER = {
    "number": "006",
    "title": "IMBENS: Ensemble Class-imbalanced Learning in Python",
    "area": "tabular",
    "source": "Liu et al. (2023)",
    "notes": [
        "the paper has no table of results; its examples draw their data at random",
        "every ensemble has the members it has here by default",
        "a copy is made by the protocol that pickle uses, without bytes that could be opened elsewhere",
        "boosting drops a member no better than chance, where the toolbox goes on with a negative vote; so that the "
        "last member is that of the last round, the rows of the exact checks are easy to tell apart",
    ],
    "shows": ["average_precision", "f1", "balanced_accuracy", "members", "fit_seconds"],
    "claims": [
        {
            "says": "progressive under-sampling of 900 and 100 rows in five rounds keeps 900, 700, 500, 300, 100",
            "metric": "progressive_rows",
            "arm": "steelyard",
            "beats": "by hand",
            "within": 0.0,
        },
        {
            "says": "a balance cascade over 900 and 100 rows in four rounds keeps 519, 300, 173, 100",
            "metric": "cascade_rows",
            "arm": "steelyard",
            "beats": "by hand",
            "within": 0.0,
        },
        {
            "says": "inverse costs of 900 and 100 rows are 1, 9, 1/9, 1 (rows predicted, columns true)",
            "metric": "inverse_costs",
            "arm": "steelyard",
            "beats": "by hand",
            "within": 1e-15,
        },
        {
            "says": "with costs of one AdaCost, AdaUBoost and AsymBoost have AdaBoost's weights after every round",
            "metric": "weight_gap",
            "arm": "steelyard",
            "beats": "scikit-learn",
            "within": 1e-12,
        },
        {
            "says": "progressive ensembles train their first member on all rows, their last on balanced ones",
            "metric": "rows_trained_on",
            "arm": "steelyard",
            "beats": "by hand",
            "within": 1e-9,
        },
        {
            "says": "the last point of a watched fit is the metric of the finished ensemble",
            "metric": "last_point",
            "arm": "watched",
            "beats": "computed afterwards",
            "within": 1e-12,
        },
        {
            "says": "every ensemble passes scikit-learn's conformance checks",
            "metric": "failed_checks",
            "arm": "steelyard",
            "beats": "by hand",
            "within": 0.0,
        },
        {
            "says": "a clone fitted again, a copy and two threads give the same probabilities",
            "metric": "probability_gap",
            "arm": "steelyard",
            "beats": "by hand",
            "within": 0.0,
        },
    ],
}

PLAIN = {
    "AdaBoost": ensemble.CompatibleAdaBoostClassifier,
    "Bagging": ensemble.CompatibleBaggingClassifier,
    "KMeansSMOTEBoost": ensemble.KMeansSMOTEBoostClassifier,
}
ENSEMBLES: dict[str, Any] = UNDER_ENSEMBLES | OVER_ENSEMBLES | COST_ENSEMBLES | PLAIN
MAKES_ROWS = ("OverBoost", "SMOTEBoost", "KMeansSMOTEBoost", "OverBagging", "SMOTEBagging")
SCHEDULED = ("SPE", "BalanceCascade", "RUSBoost", "UnderBagging", *MAKES_ROWS)
WITHOUT_COSTS = {
    "AdaCost": ensemble.AdaCostClassifier(cost="uniform"),
    "AdaUBoost": ensemble.AdaUBoostClassifier(beta="uniform"),
    "AsymBoost": ensemble.AsymBoostClassifier(cost="uniform"),
}
TABLES: tuple[str, ...] = (
    *("keel/abalone9-18", "keel/cleveland-0_vs_4", "keel/ecoli3", "keel/glass2", "keel/haberman", "keel/pc1"),
    *("keel/pima", "keel/segment0", "keel/vehicle1", "keel/wisconsin", "keel/yeast4", "uci/cmc"),
)
SMALL: dict[str, Any] = {"rows": 2_000, "folds": 5, "members": 30}
FULL: dict[str, Any] = {"rows": 0, "folds": 5, "members": 50}
SMOKE: dict[str, Any] = {"rows": 200, "folds": 5, "members": 4}
BY_HAND = {
    "progressive_rows": (900, 700, 500, 300, 100),
    "cascade_rows": (519, 300, 173, 100),
    "inverse_costs": (1, 9, 1 / 9, 1),
}


def build(scale: str, seed: int) -> list[Trial]:
    """Every ensemble on every table, and the exact checks; at `small` two folds of twelve tables."""
    tables, splits, settings = TABLES, 2, SMALL
    checked = tuple(ENSEMBLES)
    if scale == "full":
        splits, settings = 5, FULL
    elif scale == "smoke":
        tables, splits, settings, checked = ("breast-cancer",), 1, SMOKE, ("UnderBagging",)
    compared = [
        trial
        for split in range(splits)
        for table in tables
        for trial in _of_fold(table, seed, split, settings)
    ]
    return [*compared, *_exact(checked, seed)]


def _of_fold(table: str, seed: int, split: int, settings: Mapping[str, Any]) -> Iterator[Trial]:
    place = (seed, split, settings, f"{table} {seed} {split}")
    if split == 0:
        yield Trial(table_traits, table, "the table", "", *place)
    for name in ENSEMBLES:
        yield Trial(compare, table, name, "tree", *place)
    for name in SCHEDULED:
        yield Trial(compare, table, f"{name}, progressive", "tree", *place)


def _exact(checked: tuple[str, ...], seed: int) -> Iterator[Trial]:
    """Each thing to check in two arms: as it comes out here, and as it has to be."""
    asked: list[tuple[Run, str, str, int]] = [
        *((stated, metric, "", i) for metric, values in BY_HAND.items() for i in range(len(values))),
        *((without_costs, "breast-cancer", name, 0) for name in WITHOUT_COSTS),
        *((rows_trained_on, "900 and 100", name, i) for name in SCHEDULED for i in (0, 1)),
        *((watched, "900 and 100", name, 0) for name in checked),
        *((conforms, "scikit-learn's checks", name, 0) for name in checked),
        *((copied, "900 and 100", name, i) for name in checked for i in range(3)),
    ]
    for run, data, learner, split in asked:
        for arm in ARMS.get(run, ("steelyard", "by hand")):
            shares = f"{run.__name__} {learner}"
            yield Trial(run, data, arm, learner, seed, split, {}, shares)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One ensemble on one fold: its quality with a third, two thirds and all of its members."""
    part = shared("part", lambda: fold(trial, shared))
    name, _, schedule = trial.arm.partition(", ")
    members = int(trial.settings["members"])
    options: dict[str, Any] = {"balancing_schedule": schedule} if schedule else {}
    seed = derive(trial.seed, trial.split, name) % 2**31
    model = ENSEMBLES[name](n_estimators=members, random_state=seed, **options)
    start = time.process_time()
    model.fit(part.X, part.y)
    seconds = time.process_time() - start
    stages = list(model.staged_predict_proba(part.X_test))
    decided = stages[-1].argmax(axis=1)
    thirds = {
        f"average_precision_{k}_of_3": stages[min(len(stages), -(-members * k // 3)) - 1] for k in (1, 2)
    }
    return {
        "average_precision": metrics.average_precision(part.y_test, stages[-1]),
        "f1": metrics.f1(part.y_test, decided, n_classes=part.n_classes),
        "balanced_accuracy": metrics.balanced_accuracy(part.y_test, decided, n_classes=part.n_classes),
        "members": len(model.log_),
        "fit_seconds": seconds,
        **{stage: metrics.average_precision(part.y_test, p) for stage, p in thirds.items()},
    }


def stated(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """One value of a schedule or a matrix of costs, computed or worked out by hand."""
    metric = trial.data
    if trial.arm == "by hand":
        return {metric: BY_HAND[metric][trial.split]}
    counts, target = np.array([900.0, 100.0]), np.array([100.0, 100.0])
    computed: dict[str, Any] = {
        "progressive_rows": [ensemble.progressive(counts, target, i, 5)[0] for i in range(5)],
        "cascade_rows": np.asarray(cascade_counts(counts, target, 4))[:, 0],
        "inverse_costs": ensemble.class_costs(counts).ravel(),
    }
    return {metric: float(computed[metric][trial.split])}


class Remembering(DecisionTreeClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    """A stump that keeps the weights it was trained with, in the order of its rows' values."""

    def __init__(self, max_depth: int = 1, random_state: Any = 0) -> None:
        super().__init__(max_depth=max_depth, random_state=random_state)

    def fit(self, X: Any, y: Any, sample_weight: Any) -> Remembering:
        """Fit as a tree does."""
        self.weight_ = (sample_weight / np.sum(sample_weight))[np.lexsort(X.T)]
        super().fit(X, y, sample_weight=sample_weight)
        return self


def without_costs(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """The largest gap to the weights that scikit-learn's AdaBoost trains its members with."""
    if trial.arm == "scikit-learn":
        return {"weight_gap": 0.0}
    X, y = load_breast_cancer(return_X_y=True)
    X, first = np.unique(X.astype(np.float32), axis=0, return_index=True)
    theirs = AdaBoostClassifier(Remembering(), n_estimators=20).fit(X, y[first])
    model = clone(WITHOUT_COSTS[trial.learner]).set_params(estimator=Remembering(), n_estimators=20)
    ours = model.fit(X, y[first])
    pairs = zip(ours.estimators_, theirs.estimators_, strict=True)
    return {"weight_gap": max(float(np.abs(a.weight_ - b.weight_).max()) for a, b in pairs)}


def rows_trained_on(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """Rows of the class that changes, by the log: of the first member (split 0) or the last (split 1)."""
    makes_rows = trial.learner in MAKES_ROWS
    if trial.arm == "by hand":
        first, last = (100, 900) if makes_rows else (900, 100)
        return {"rows_trained_on": (first, last)[trial.split]}
    X, y = _thousand(trial.seed)
    model = ENSEMBLES[trial.learner](
        n_estimators=5, balancing_schedule="progressive", random_state=trial.seed
    )
    log = model.fit(X, y).log_
    return {"rows_trained_on": log[-trial.split]["rows"][int(makes_rows)]}


def watched(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """Balanced accuracy on held-out rows: the monitor's last point, or from `predict` after the fit."""
    X, y = _thousand(trial.seed)
    X_test, y_test = _thousand(trial.seed + 1)

    def fit() -> tuple[Any, ensemble.FitMonitor]:
        monitor = ensemble.FitMonitor({"held out": (X_test, y_test)}, ["balanced_accuracy"])
        model = ENSEMBLES[trial.learner](n_estimators=5, random_state=trial.seed)
        return model.fit(X, y, monitor=monitor), monitor

    model, monitor = shared("fit", fit)
    if trial.arm == "watched":
        return {"last_point": monitor.points[-1]["balanced_accuracy"]}
    return {"last_point": metrics.balanced_accuracy(y_test, model.predict(X_test))}


def conforms(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """How many of scikit-learn's checks of an estimator fail."""
    if trial.arm == "by hand":
        return {"failed_checks": 0.0}
    found = check_estimator(ENSEMBLES[trial.learner](n_estimators=3), on_fail=None, on_skip=None)
    return {"failed_checks": sum(check["status"] == "failed" for check in found)}


def copied(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """The largest gap between probabilities: of a clone (split 0), a copy (1), two threads (2)."""
    if trial.arm == "by hand":
        return {"probability_gap": 0.0}
    X, y = _thousand(trial.seed)
    model = ENSEMBLES[trial.learner](n_estimators=5, random_state=trial.seed, n_jobs=1).fit(X, y)
    others: list[Callable[[], Any]] = [
        lambda: clone(model).fit(X, y),
        lambda: copy.deepcopy(model),
        lambda: clone(model).set_params(n_jobs=2).fit(X, y),
    ]
    p, other = model.predict_proba(X), others[trial.split]().predict_proba(X)
    return {"probability_gap": float(np.abs(p - other).max())}


def _thousand(seed: int) -> tuple[Floats, Any]:
    """Nine hundred rows of a class and a hundred of another."""
    X, y = make_classification(
        2_000, n_features=6, n_informative=4, weights=[0.8], class_sep=2.0, flip_y=0, random_state=seed
    )
    kept = np.concatenate([np.flatnonzero(y == 0)[:900], np.flatnonzero(y == 1)[:100]])
    return X[kept], y[kept]


ARMS: dict[Run, tuple[str, str]] = {
    without_costs: ("steelyard", "scikit-learn"),
    watched: ("watched", "computed afterwards"),
}
"""What the two sides of a check are called, unless one was worked out by hand."""
