"""Remedies on decision trees, one table and fold at a time: what CLIMB compares and reviews choose from."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier

from steelyard import ensemble, metrics, resample
from steelyard.bench import RawTable, Shared, Trial, raw_table
from steelyard.core import DataError, Floats, NotForMe, derive
from steelyard.data import label_noise, make_folds, make_imbalanced
from steelyard.tasks.tabular import TableEncoder

__all__: list[str] = []

UNDER: dict[str, Any] = {
    "RUS": resample.RandomUnderSampler,
    "CC": resample.ClusterCentroids,
    "IHT": resample.InstanceHardnessThreshold,
    "NearMiss": resample.NearMiss,
}
CLEANING: dict[str, Any] = {
    "TomekLinks": resample.TomekLinks,
    "ENN": resample.EditedNearestNeighbours,
    "RENN": resample.RepeatedEditedNearestNeighbours,
    "AllKNN": resample.AllKNN,
    "OSS": resample.OneSidedSelection,
    "NCR": resample.NeighbourhoodCleaningRule,
}
OVER: dict[str, Any] = {
    "ROS": resample.RandomOverSampler,
    "SMOTE": resample.SMOTE,
    "BorderlineSMOTE": resample.BorderlineSMOTE,
    "SVMSMOTE": resample.SVMSMOTE,
    "ADASYN": resample.ADASYN,
}
SAMPLERS = UNDER | CLEANING | OVER
UNDER_ENSEMBLES: dict[str, Any] = {
    "SPE": ensemble.SelfPacedEnsembleClassifier,
    "BalanceCascade": ensemble.BalanceCascadeClassifier,
    "BalancedRandomForest": ensemble.BalancedRandomForestClassifier,
    "EasyEnsemble": ensemble.EasyEnsembleClassifier,
    "RUSBoost": ensemble.RUSBoostClassifier,
    "UnderBagging": ensemble.UnderBaggingClassifier,
}
OVER_ENSEMBLES: dict[str, Any] = {
    "OverBoost": ensemble.OverBoostClassifier,
    "SMOTEBoost": ensemble.SMOTEBoostClassifier,
    "OverBagging": ensemble.OverBaggingClassifier,
    "SMOTEBagging": ensemble.SMOTEBaggingClassifier,
}
COST_ENSEMBLES: dict[str, Any] = {
    "AdaCost": ensemble.AdaCostClassifier,
    "AdaUBoost": ensemble.AdaUBoostClassifier,
    "AsymBoost": ensemble.AsymBoostClassifier,
}
ENSEMBLES = UNDER_ENSEMBLES | OVER_ENSEMBLES | COST_ENSEMBLES
FAMILIES = {
    "nothing": ("base",),
    "under-sampling": tuple(UNDER),
    "cleaning": tuple(CLEANING),
    "over-sampling": tuple(OVER),
    "under-sampling ensembles": tuple(UNDER_ENSEMBLES),
    "over-sampling ensembles": tuple(OVER_ENSEMBLES),
    "cost-sensitive": ("CS", *COST_ENSEMBLES),
}
WHOLE_TREES = ("SPE", "BalanceCascade", "UnderBagging", "OverBagging", "SMOTEBagging")
"""Ensembles whose members are the tree that stands alone elsewhere; the others bring their own."""

KEPT_RARE = 5
"""Rows of the rarest class that must be left when it is thinned."""


@dataclass(frozen=True, eq=False)
class Part:
    """Encoded training rows, the rows to judge on, and how many classes the table has."""

    X: Floats
    y: NDArray[np.int64]
    X_test: Floats
    y_test: NDArray[np.int64]
    n_classes: int


def compare(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One remedy on one fold; settings: rows (at most, 0 for all), folds, members, forest (trees of IHT), draws."""
    part = shared("part", lambda: fold(trial, shared))
    values: Mapping[str, float] = shared(("scores", trial.arm), lambda: _judged(trial.arm, part, trial))
    return values


def compare_damaged(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """One remedy on training rows that were damaged on purpose; `arm` is "remedy, damage"."""
    remedy, _, damage = trial.arm.partition(", ")
    clean = shared("part", lambda: fold(trial, shared))
    if damage == UNDAMAGED:
        scores = shared(("scores", remedy), lambda: _judged(remedy, clean, trial))
    else:
        seed = derive(trial.seed, trial.split, damage)
        part = shared(("damaged", damage), lambda: DAMAGES[damage](clean, seed))
        scores = _judged(remedy, part, trial)
    return {f"{name}_damaged": scores[name] for name in ("average_precision", "balanced_accuracy")}


def table_traits(trial: Trial, shared: Shared) -> Mapping[str, float]:
    """What a table is like: its rows, its imbalance ratio, and how many rare rows lie nearest to another class."""
    whole = raw_table(trial.data, shared)
    counts = np.bincount(whole.y)
    table = _thinned(whole, trial)
    X = TableEncoder(kind="linear").fit_transform(table.X)
    nearest = NearestNeighbors(n_neighbors=1).fit(X).kneighbors(return_distance=False)[:, 0]
    rare = table.y == counts.argmin()
    overlap = float((table.y[nearest] != table.y)[rare].mean())
    return {"rows": len(whole.y), "ratio": float(counts.max() / counts.min()), "overlap": overlap}


def fold(trial: Trial, shared: Shared) -> Part:
    """Fold `trial.split` of stratified folds; the encoder sees training rows only."""
    table = _thinned(raw_table(trial.data, shared), trial)
    seed = derive(trial.seed, "folds")
    dealt = make_folds(table.y, n_folds=int(trial.settings["folds"]), groups=table.groups, seed=seed)
    chosen = dealt[trial.split]
    encoder = TableEncoder(kind="linear")
    X = encoder.fit_transform(table.X.iloc[chosen.train])
    test = encoder.transform(table.X.iloc[chosen.test])
    return Part(X, table.y[chosen.train], test, table.y[chosen.test], int(table.y.max()) + 1)


def _thinned(table: RawTable, trial: Trial) -> RawTable:
    """At most `rows` of the table, every class by the same share."""
    most = int(trial.settings.get("rows", 0))
    if not most or len(table.y) <= most:
        return table
    kept, _ = train_test_split(
        np.arange(len(table.y)),
        train_size=most,
        stratify=table.y,
        random_state=derive(trial.seed, "rows") % 2**31,
    )
    kept.sort()
    groups = None if table.groups is None else table.groups[kept]
    return RawTable(table.X.iloc[kept], table.y[kept], groups, None)


def _judged(remedy: str, part: Part, trial: Trial) -> Mapping[str, float]:
    seed = derive(trial.seed, trial.split, remedy) % 2**31
    start = time.process_time()
    knobs = _tuned(remedy, part, trial.settings, seed)
    p = _probabilities(remedy, part, trial.settings, seed, knobs)
    seconds = time.process_time() - start
    decided = p.argmax(axis=1)
    return {
        "average_precision": metrics.average_precision(part.y_test, p),
        "f1": metrics.f1(part.y_test, decided, n_classes=part.n_classes),
        "balanced_accuracy": metrics.balanced_accuracy(part.y_test, decided, n_classes=part.n_classes),
        "fit_seconds": seconds,
    }


def _probabilities(
    remedy: str, part: Part, settings: Mapping[str, Any], seed: int, knobs: Mapping[str, Any]
) -> Floats:
    """Of the judged rows, one column a class of the table, zero for classes that were not learned."""
    try:
        model = _fitted(remedy, part.X, part.y, settings, seed, knobs)
    except DataError as error:
        raise NotForMe(str(error)) from error
    p = np.zeros((len(part.y_test), part.n_classes))
    p[:, model.classes_] = model.predict_proba(part.X_test)
    return p


def _fitted(
    remedy: str,
    X: Floats,
    y: NDArray[np.int64],
    settings: Mapping[str, Any],
    seed: int,
    knobs: Mapping[str, Any],
) -> Any:
    if remedy in ENSEMBLES:
        options: dict[str, Any] = {"n_estimators": int(settings["members"]), "random_state": seed}
        if remedy in WHOLE_TREES:
            whole = {"max_features": None, "min_samples_leaf": 1} | dict(knobs)
            options["estimator"] = ensemble.BinnedTreeClassifier(**whole)
        elif remedy not in ("EasyEnsemble", "BalancedRandomForest") and knobs:
            options["estimator"] = ensemble.BinnedTreeClassifier(**{"max_depth": 5} | dict(knobs))
        elif remedy == "BalancedRandomForest":
            options |= knobs
        return ENSEMBLES[remedy](**options).fit(X, y)
    if remedy in SAMPLERS:
        X, y = _sampler(remedy, int(settings["forest"]), seed).fit_resample(X, y)
    weight = "balanced" if remedy == "CS" else None
    return DecisionTreeClassifier(class_weight=weight, random_state=seed, **knobs).fit(X, y)


def _sampler(remedy: str, trees: int, seed: int) -> Any:
    sampler = SAMPLERS[remedy]()
    if remedy == "IHT":
        sampler.set_params(estimator=RandomForestClassifier(trees, random_state=seed))
    if "random_state" in sampler.get_params():
        sampler.set_params(random_state=seed)
    return sampler


def _tuned(remedy: str, part: Part, settings: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
    """The best of `draws` settings of the tree by average precision on a quarter of the training rows."""
    draws = int(settings["draws"])
    if draws < 2:
        return {}
    X, X_test, y, y_test = train_test_split(
        part.X, part.y, test_size=0.25, stratify=part.y, random_state=seed
    )
    inner = Part(X, y, X_test, y_test, part.n_classes)
    rng = np.random.default_rng(seed)
    drawn = [{name: choose(rng) for name, choose in SPACE.items()} for _ in range(draws - 1)]

    def gained(knobs: Mapping[str, Any]) -> float:
        return metrics.average_precision(y_test, _probabilities(remedy, inner, settings, seed, knobs))

    return max([{}, *drawn], key=gained)


SPACE: dict[str, Callable[[np.random.Generator], Any]] = {
    "max_depth": lambda rng: [None, 3, 5, 8, 12, 20][int(rng.integers(6))],
    "min_samples_leaf": lambda rng: int(np.round(np.exp(rng.uniform(0, np.log(50))))),
}
"""What tuning draws from; the first candidate is always the defaults."""


def _flip(share: float) -> Callable[[Part, int], Part]:
    """Give a share of the rarest class's rows another label."""

    def damage(part: Part, seed: int) -> Part:
        flips = label_noise(part.y, {_rarest(part): share}, seed=seed)
        y = part.y.copy()
        y[flips.rows] = flips.labels
        return replace(part, y=y)

    return damage


def _blank(share: float) -> Callable[[Part, int], Part]:
    """Empty a share of all cells and fill them with what is left of their column's mean."""

    def damage(part: Part, seed: int) -> Part:
        gone = np.random.default_rng(seed).random(part.X.shape) < share
        X = np.where(gone, np.nan, part.X)
        mean = np.nan_to_num(np.nanmean(X, axis=0))
        return replace(part, X=np.where(gone, mean, X).astype(np.float32))

    return damage


def _thin(times: int) -> Callable[[Part, int], Part]:
    """Delete rows of the rarest class until it is so many times rarer."""

    def damage(part: Part, seed: int) -> Part:
        counts, rare = np.bincount(part.y), _rarest(part)
        left = int(counts[rare]) // times
        if left < KEPT_RARE:
            raise NotForMe(f"{left} rows of the rarest class would be left, {KEPT_RARE} are needed")
        wanted: dict[Hashable, int] = {k: int(n) for k, n in enumerate(counts) if n}
        wanted[rare] = left
        kept = make_imbalanced(part.y, wanted, seed=seed)
        return replace(part, X=part.X[kept], y=part.y[kept])

    return damage


def _rarest(part: Part) -> int:
    counts = np.bincount(part.y)
    return int(np.where(counts > 0, counts, counts.max() + 1).argmin())


UNDAMAGED = "as it is"
DAMAGES = {
    **{f"{share} % of rare labels wrong": _flip(share / 100) for share in (10, 20, 30)},
    **{f"{share} % of cells empty": _blank(share / 100) for share in (10, 20, 30)},
    **{f"{times} times rarer": _thin(times) for times in (2, 3, 5)},
}
"""One factor at a time, in training rows only."""
