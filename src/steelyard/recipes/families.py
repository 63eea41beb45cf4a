"""One member of each family of remedies, around any learner or with a model of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from torch.utils.data import BatchSampler

from steelyard import decide, ensemble, losses, metrics, resample
from steelyard.bench import Shared, Trial
from steelyard.core import Floats, Prior, derive, require
from steelyard.nets import MLP
from steelyard.recipes.remedies_on_trees import Part, fold
from steelyard.samplers import ClassBalanced
from steelyard.train import Batches, Settings, Shuffled, Stage, Supervised, fit
from steelyard.weights import Weighted, inverse

__all__: list[str] = []

MEASURED = (
    *("accuracy", "precision", "recall", "specificity", "f1", "f2", "g_mean", "balanced_accuracy", "mcc"),
    *("cohen_kappa", "youden_j", "index_balanced_accuracy", "roc_auc", "average_precision"),
    *("normalised_average_precision", "log_loss", "brier", "expected_calibration_error", "h_measure"),
)


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One member of a family on one fold, by every metric."""
    part = shared("part", lambda: fold(trial, shared))
    seed = derive(trial.seed, trial.split, trial.arm, trial.learner) % 2**31
    start = time.process_time()
    if trial.arm in AROUND:
        p, decided = AROUND[trial.arm](part, LEARNERS[trial.learner], seed)
    else:
        p = ALONE[trial.arm](part, trial.settings, seed)
        decided = (p >= 0.5).astype(np.int64)
    seconds = time.process_time() - start
    scores = {name: metrics.named(name)(part.y_test, p, decided) for name in MEASURED}
    return scores | {"seconds": seconds}


Answer: TypeAlias = tuple[Floats, NDArray[np.int64]]
"""Probabilities of the rarer class on the judged rows (n,), and decisions (n,)."""


def _logistic(seed: int) -> Any:
    return LogisticRegression(max_iter=1_000, random_state=seed)


def _boosted(seed: int) -> Any:
    library = require("lightgbm", extra="boost")
    return library.LGBMClassifier(n_estimators=60, random_state=seed, n_jobs=1, verbose=-1)


Learner: TypeAlias = Callable[[int], Any]
"""seed -> classifier"""

LEARNERS: dict[str, Learner] = {"logistic": _logistic, "boosted trees": _boosted}


def _plain(part: Part, learner: Learner, seed: int, *, sampler: Any = None) -> Answer:
    X, y = part.X, part.y
    if sampler is not None:
        made = sampler()
        if "random_state" in made.get_params():
            made.set_params(random_state=seed)
        X, y = made.fit_resample(X, y)
    return _at_half(learner(seed).fit(X, y).predict_proba(part.X_test)[:, 1])


def _weighted(part: Part, learner: Learner, seed: int) -> Answer:
    model = Weighted(learner(seed), inverse(), random_state=seed).fit(part.X, part.y)
    return _at_half(model.predict_proba(part.X_test)[:, 1])


def _threshold(part: Part, learner: Learner, seed: int) -> Answer:
    """The threshold with the most F1 on training rows that the model did not see."""
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    inside = cross_val_predict(learner(seed), part.X, part.y, cv=folds, method="predict_proba")[:, 1]
    p, _ = _plain(part, learner, seed)
    cut, _ = decide.best_threshold(part.y, inside, "f1")
    return p, (p >= cut).astype(np.int64)


def _costs(part: Part, learner: Learner, seed: int) -> Answer:
    """The decision of least expected cost, a miss as many times dearer as its class is rarer."""
    p, _ = _plain(part, learner, seed)
    n = np.bincount(part.y)
    return p, decide.Threshold.of_costs(fp=1, fn=n[0] / n[1]).decide(p)


def _prior(part: Part, learner: Learner, seed: int) -> Answer:
    """Probabilities moved to even classes."""
    p, _ = _plain(part, learner, seed)
    return _at_half(decide.PriorCorrection(Prior.of(part.y), [0.5, 0.5])(p))


def _at_half(p: Floats) -> Answer:
    return p, (p >= 0.5).astype(np.int64)


AROUND: dict[str, Callable[[Part, Learner, int], Answer]] = {
    "nothing": _plain,
    "under-sampling: RUS": partial(_plain, sampler=resample.RandomUnderSampler),
    "cleaning: NCR": partial(_plain, sampler=resample.NeighbourhoodCleaningRule),
    "over-sampling: ROS": partial(_plain, sampler=resample.RandomOverSampler),
    "over-sampling: SMOTE": partial(_plain, sampler=resample.SMOTE),
    "both: SMOTEENN": partial(_plain, sampler=resample.SMOTEENN),
    "generative: ROSE": partial(_plain, sampler=resample.ROSE),
    "algorithm: threshold": _threshold,
    "algorithm: prior correction": _prior,
    "costs: class weights": _weighted,
    "costs: least expected cost": _costs,
}


def _committee(kind: Any) -> Callable[[Part, Mapping[str, Any], int], Floats]:
    def run(part: Part, settings: Mapping[str, Any], seed: int) -> Floats:
        model = kind(n_estimators=int(settings["members"]), random_state=seed).fit(part.X, part.y)
        return np.asarray(model.predict_proba(part.X_test)[:, 1])

    return run


def _margins(part: Part, _settings: Mapping[str, Any], seed: int) -> Floats:
    model = ensemble.LDAMBoostingClassifier(_boosted(seed), random_state=seed).fit(part.X, part.y)
    return np.asarray(model.predict_proba(part.X_test)[:, 1])


def _one_class(part: Part, settings: Mapping[str, Any], seed: int) -> Floats:
    """Normal is the common class; scores lie around a half where its own rows' 95 % end."""
    forest = IsolationForest(n_estimators=int(settings["members"]), random_state=seed, contamination=0.05)
    forest.fit(part.X[part.y == 0])
    return np.asarray(1 / (1 + np.exp(10 * forest.decision_function(part.X_test))))


def _network(
    loss: Callable[[Prior], Any], *, balanced: bool = False
) -> Callable[[Part, Mapping[str, Any], int], Floats]:
    def run(part: Part, settings: Mapping[str, Any], seed: int) -> Floats:
        rows, y = torch.as_tensor(part.X, dtype=torch.float32), torch.as_tensor(part.y)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = MLP(rows.shape[1], 2, hidden=(32,))
        prior = Prior.of(part.y)
        order: Any = Shuffled(len(y), 64, seed=seed)
        if balanced:
            order = BatchSampler(ClassBalanced(prior, y=part.y, seed=seed), 64, False)
        optimizer = partial(torch.optim.Adam, lr=1e-2)
        stage = Stage(Supervised(loss(prior)), Batches((rows, y), order), int(settings["epochs"]), optimizer)
        fit(model, [stage], settings=Settings(seed=seed, device="cpu"))
        with torch.no_grad():
            logits = model(torch.as_tensor(part.X_test, dtype=torch.float32))
        return np.asarray(logits.softmax(dim=1)[:, 1].double().numpy())

    return run


ALONE: dict[str, Callable[[Part, Mapping[str, Any], int], Floats]] = {
    "algorithm: one class": _one_class,
    "algorithm: LDAM boosting": _margins,
    "costs: AdaCost": _committee(ensemble.AdaCostClassifier),
    "ensemble: self-paced": _committee(ensemble.SelfPacedEnsembleClassifier),
    "ensemble: balanced forest": _committee(ensemble.BalancedRandomForestClassifier),
    "network: cross-entropy": _network(lambda _prior: losses.FocalLoss(gamma=0.0)),
    "network: focal": _network(lambda _prior: losses.FocalLoss(gamma=2.0)),
    "network: LDAM": _network(partial(losses.LDAMLoss, scale=1.0)),
    "network: balanced batches": _network(lambda _prior: losses.FocalLoss(gamma=0.0), balanced=True),
}
