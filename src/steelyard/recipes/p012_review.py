"""The review's taxonomy as a guided study: one member of each family, by every metric, on the same folds.

Two learners (logistic regression and boosted trees) stand under the families that work around a learner; families
that bring their own model run once. What the review states of metrics, decisions and the catalogue is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from steelyard import decide, metrics
from steelyard.bench import Run, Shared, Trial
from steelyard.checks import NotConforming, check_card, check_method
from steelyard.core import Card, MissingExtra, catalogue, derive, require
from steelyard.recipes.families import ALONE, AROUND, LEARNERS, compare
from steelyard.recipes.remedies_on_trees import table_traits

PAPER = {
    "number": "012",
    "title": "Review of Methods for Handling Class-Imbalanced in Classification Problems",
    "area": "tabular",
    "source": "Jadwal et al. (2022)",
    "notes": [
        "the review measures nothing; what is compared here, on which tables and by what, is this study's choice",
        "prevalence changes by weights of the rows, so that the scores within a class stay exactly what they were",
        "entries of the catalogue whose library is not installed are left out of the check",
        "the network is a perceptron; its control is the same network with cross-entropy",
    ],
    "shows": ["average_precision", "roc_auc", "f1", "mcc", "balanced_accuracy", "brier", "seconds"],
    "claims": [
        {
            "says": "random under-sampling buys balanced accuracy",
            "metric": "balanced_accuracy",
            "arm": "under-sampling: RUS",
            "beats": "nothing",
        },
        {
            "says": "and pays for it with average precision",
            "metric": "average_precision",
            "arm": "nothing",
            "beats": "under-sampling: RUS",
        },
        {
            "says": "a tuned threshold has more F1 than SMOTE, without a new row",
            "metric": "f1",
            "arm": "algorithm: threshold",
            "beats": "over-sampling: SMOTE",
        },
        {
            "says": "ten metrics of 8, 2, 10 and 80 rows are those stated (four digits)",
            "metric": "stated_metric",
            "arm": "steelyard",
            "beats": "as stated",
            "within": 5e-5,
        },
        {
            "says": "and those of scikit-learn and imbalanced-learn to 1e-12",
            "metric": "peer_metric",
            "arm": "steelyard",
            "beats": "peers",
            "within": 1e-12,
        },
        {
            "says": "a miss nine times as dear as a false alarm is a threshold of 0.1",
            "metric": "flagged",
            "arm": "steelyard",
            "beats": "as stated",
            "within": 0.0,
        },
        {
            "says": "a probability of 0.5 at a prior of 0.5 is 0.1 at a prior of 0.1",
            "metric": "corrected",
            "arm": "steelyard",
            "beats": "as stated",
            "within": 1e-12,
        },
        {
            "says": "recall, specificity, G-mean, balanced accuracy and AUROC move less than 0.01 with the prior",
            "metric": "largest_move_of_insensitive",
            "arm": "prevalence from 0.5 to 0.01",
            "beats": "prevalence as it was",
            "within": 0.01,
        },
        {
            "says": "accuracy, precision, F1, MCC and average precision all move more than 0.05",
            "metric": "smallest_move_of_sensitive",
            "arm": "prevalence from 0.5 to 0.01",
            "beats": "prevalence as it was",
            "by": 0.05,
        },
        {
            "says": "every entry of the catalogue is what its card says, and the samplers, ensembles and learners fit",
            "metric": "entries_that_fail",
            "arm": "catalogue",
            "beats": "as stated",
            "within": 0.0,
        },
        {
            "says": "each of the 119 systems has an entry in the catalogue",
            "metric": "systems_with_an_entry",
            "arm": "catalogue",
            "beats": "as stated",
            "within": 0.0,
        },
    ],
}

TABLES: tuple[str, ...] = (
    *("keel/abalone9-18", "keel/ecoli3", "keel/haberman", "keel/pc1", "keel/pima", "keel/vehicle1"),
    *("keel/yeast4", "rt30/car_eval_binarized", "rt30/mammography", "rt30/satellite", "rt30/us_crime"),
    *("rt30/wilt", "rt30/thyroid_disease", "oil-spill"),
)
SMALL: dict[str, Any] = {"rows": 2_000, "folds": 5, "members": 30, "epochs": 30}
FULL: dict[str, Any] = {"rows": 0, "folds": 5, "members": 100, "epochs": 100}
SMOKE: dict[str, Any] = {"rows": 300, "folds": 5, "members": 3, "epochs": 2}
"""Most rows of a table, folds, members of ensembles, epochs of networks."""


def build(scale: str, seed: int) -> list[Trial]:
    """One member of each family on every table and fold, and what has to be exact."""
    tables, splits, settings, levers = TABLES, 2, SMALL, LEVERS
    if scale == "full":
        splits, settings = 5, FULL
    elif scale == "smoke":
        tables, splits, settings, levers = ("breast-cancer",), 1, SMOKE, ("augment",)
    compared = [
        trial
        for split in range(splits)
        for table in tables
        for trial in _of_fold(table, seed, split, settings)
    ]
    return [*compared, *_exact(levers, seed)]


def _of_fold(table: str, seed: int, split: int, settings: Mapping[str, Any]) -> Iterator[Trial]:
    place = (seed, split, settings, f"{table} {seed} {split}")
    if split == 0:
        yield Trial(table_traits, table, "the table", "", *place)
    for learner in LEARNERS:
        for arm in AROUND:
            yield Trial(compare, table, arm, learner, *place)
    for arm in ALONE:
        yield Trial(compare, table, arm, "its own", *place)


COUNTS = {"tp": 8, "fn": 2, "fp": 10, "tn": 80}
STATED = {
    "accuracy": 0.88,
    "precision": 0.4444,
    "recall": 0.8,
    "f1": 0.5714,
    "f2": 0.6897,
    "specificity": 0.8889,
    "g_mean": 0.8433,
    "balanced_accuracy": 0.8444,
    "mcc": 0.5379,
    "youden_j": 0.6889,
}
INSENSITIVE = ("recall", "specificity", "g_mean", "balanced_accuracy", "roc_auc")
SENSITIVE = ("accuracy", "precision", "f1", "mcc", "average_precision")
CUT = 0.62
"""A threshold at which recall and specificity differ; where they are equal, accuracy cannot move."""
FITTED = ("resample", "ensemble", "learner")
"""Levers whose entries are fitted on a few hundred rows; cards of all levers are checked."""
LEVERS = tuple(sorted({card.lever for card in catalogue.all_cards()}))
SYSTEMS = 119


def _exact(levers: tuple[str, ...], seed: int) -> Iterator[Trial]:
    asked: list[tuple[Run, str, str, int]] = [
        *((stated_metric, "100 rows", name, 0) for name in STATED),
        *((peer_metric, "100 rows", name, 0) for name in STATED),
        *((flagged, "costs 1 and 9", "", i) for i in (0, 1)),
        (corrected, "prior 0.5 to 0.1", "", 0),
        *((moves, "two normals", f"draw {i}", i) for i in range(5)),
        *((fails, "catalogue", lever, 0) for lever in levers),
        *((covered, "catalogue", "", 0) for _ in levers[:1]),
    ]
    for run, data, learner, split in asked:
        for arm in ARMS.get(run, ("catalogue" if data == "catalogue" else "steelyard", "as stated")):
            yield Trial(run, data, arm, learner, seed + split * (run is moves), split)


def _hundred() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Truth and decisions with the stated counts."""
    y = np.repeat([1, 1, 0, 0], list(COUNTS.values()))
    return y, np.repeat([1, 0, 1, 0], list(COUNTS.values()))


def stated_metric(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """A metric of the stated counts, computed or as stated."""
    name = trial.learner
    y, decided = _hundred()
    ours = metrics.named(name)(y, None, decided)
    return {"stated_metric": ours if trial.arm == "steelyard" else STATED[name]}


def peer_metric(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """A metric of the stated counts, computed here or by scikit-learn or imbalanced-learn."""
    y, decided = _hundred()
    if trial.arm == "steelyard":
        return {"peer_metric": metrics.named(trial.learner)(y, None, decided)}
    theirs = require("imblearn.metrics", extra="imblearn")
    peers: dict[str, Callable[..., float]] = {
        "accuracy": sklearn_metrics.accuracy_score,
        "precision": sklearn_metrics.precision_score,
        "recall": sklearn_metrics.recall_score,
        "f1": sklearn_metrics.f1_score,
        "f2": partial(sklearn_metrics.fbeta_score, beta=2),
        "specificity": theirs.specificity_score,
        "g_mean": theirs.geometric_mean_score,
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score,
        "mcc": sklearn_metrics.matthews_corrcoef,
        "youden_j": partial(sklearn_metrics.balanced_accuracy_score, adjusted=True),
    }
    return {"peer_metric": peers[trial.learner](y, decided)}


def flagged(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """Whether a row just below (split 0) or just above (1) a probability of 0.1 is decided positive."""
    rule = decide.ExpectedCost(np.array([[0.0, 9.0], [1.0, 0.0]]))
    decision = rule.decide([0.1 - 1e-9, 0.1 + 1e-9])[trial.split]
    return {"flagged": float(decision if trial.arm == "steelyard" else trial.split)}


def corrected(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """One half, moved from even classes to one in ten."""
    moved = decide.PriorCorrection([0.5, 0.5], [0.9, 0.1])([0.5])[0]
    return {"corrected": float(moved) if trial.arm == "steelyard" else 0.1}


def moves(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """By how much metrics move when only the prevalence does, from 0.5 to 0.01, on 100,000 scores."""
    if trial.arm == "prevalence as it was":
        return {"largest_move_of_insensitive": 0.0, "smallest_move_of_sensitive": 0.0}
    rng = np.random.default_rng(derive(trial.seed, "scores"))
    y = np.repeat([0, 1], 50_000)
    p = 1 / (1 + np.exp(-(rng.normal(size=len(y)) + np.where(y == 1, 1.0, -1.0))))
    decided = (p >= CUT).astype(np.int64)

    def move(name: str) -> float:
        metric = metrics.named(name)
        rare = np.where(y == 1, 0.01, 0.99)
        return abs(metric(y, p, decided) - metric(y, p, decided, rare))

    return {
        "largest_move_of_insensitive": max(map(move, INSENSITIVE)),
        "smallest_move_of_sensitive": min(map(move, SENSITIVE)),
    }


def fails(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """Entries of one lever that are not what their card says, or do not do what their kind demands.

    Those whose library is not installed are left out.
    """
    if trial.arm == "as stated":
        return {"entries_that_fail": 0.0}
    return {"entries_that_fail": sum(not _sound(card) for card in catalogue.find(lever=trial.learner))}


def _sound(card: Card) -> bool:
    try:
        check_card(card)
        if card.lever in FITTED:
            check_method(card)
    except NotConforming:
        return False
    except MissingExtra:
        return True
    return True


def covered(trial: Trial, _shared: Shared) -> Mapping[str, float]:
    """Systems with an entry in the catalogue."""
    found = sum(bool(catalogue.where(str(number))) for number in range(1, SYSTEMS + 1))
    return {"systems_with_an_entry": found if trial.arm == "catalogue" else SYSTEMS}


ARMS: dict[Run, tuple[str, str]] = {
    peer_metric: ("steelyard", "peers"),
    moves: ("prevalence from 0.5 to 0.01", "prevalence as it was"),
}
"""What the two sides of a check are called, unless one is as stated."""
