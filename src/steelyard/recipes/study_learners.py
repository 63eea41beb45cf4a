"""The fifteen learners of "Balancing the Scales" and the encoding it gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pandas as pd
import sklearn
from packaging.version import Version
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from steelyard.core import Floats, require

__all__: list[str] = []

RARE, FEW_MISSING, BEND, TWINS = 0.03, 0.10, 4.0, 0.98


def _logistic(seed: int) -> Any:
    # from 1.8 on the penalty follows from l1_ratio
    penalty = {"penalty": "elasticnet"} if Version(sklearn.__version__) < Version("1.8") else {}
    options = {"C": 0.5, "l1_ratio": 0.5, "max_iter": 500, "tol": 1e-3}
    return LogisticRegression(solver="saga", random_state=seed, **options, **penalty)


def _svm(seed: int) -> Any:
    return CalibratedClassifierCV(SVC(random_state=seed), ensemble=False)


def _xgboost(seed: int) -> Any:
    library = require("xgboost", extra="boost")
    options = {"eta": 0.5, "gamma": 0.05, "max_depth": 10, "n_jobs": 1}
    return library.XGBClassifier(n_estimators=200, random_state=seed, **options)


def _lightgbm(seed: int) -> Any:
    library = require("lightgbm", extra="boost")
    return library.LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1)


def _catboost(seed: int) -> Any:
    library = require("catboost", extra="boost")
    options = {"verbose": False, "thread_count": 1, "allow_writing_files": False}
    return library.CatBoostClassifier(random_seed=seed, **options)


def _ebm(seed: int) -> Any:
    """With the defaults of interpret 0.6, of the study's time; later ones take several times as long."""
    library = require("interpret.glassbox", extra="study")
    boosting = {"learning_rate": 0.01, "max_rounds": 25_000, "greedy_ratio": 1.5, "cyclic_progress": True}
    stopping = {"early_stopping_rounds": 50, "smoothing_rounds": 200, "interaction_smoothing_rounds": 50}
    shapes = {"max_leaves": 3, "min_samples_leaf": 2, "interactions": 0.9, "max_interaction_bins": 32}
    options = boosting | stopping | shapes
    return library.ExplainableBoostingClassifier(random_state=seed, n_jobs=1, **options)


def _figs(seed: int) -> Any:
    library = require("imodels", extra="study")
    return library.FIGSClassifier(random_state=seed)


LEARNERS: dict[str, Callable[[int], Any]] = {
    "logistic": _logistic,
    "decision tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "svm": _svm,
    "relu network": lambda seed: MLPClassifier((40, 40), random_state=seed, early_stopping=True),
    "perceptron": lambda seed: MLPClassifier((32,), random_state=seed, early_stopping=True),
    "adaboost": lambda seed: AdaBoostClassifier(random_state=seed),
    "bagging": lambda seed: BaggingClassifier(random_state=seed),
    "random forest": lambda seed: RandomForestClassifier(random_state=seed),
    "extra trees": lambda seed: ExtraTreesClassifier(random_state=seed),
    "gradient boosting": lambda seed: GradientBoostingClassifier(random_state=seed),
    "ebm": _ebm,
    "figs": _figs,
    "catboost": _catboost,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
}
QUICK = ("logistic", "decision tree", "bagging", "extra trees", "lightgbm")
"""Those whose fits take well under a second on tables of this size."""


def study_encoder() -> Any:
    """The study's encoding: fitted on training rows, the same for every learner."""
    return StudyEncoder()


class StudyEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Numbers filled, marked, scaled and clipped; categories pooled and spread; twins and constants dropped."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn from training rows."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> Floats:  # noqa: ARG002 - scikit-learn's contract
        """Learn from training rows and encode them."""
        self.numbers_ = [name for name in X if pd.api.types.is_numeric_dtype(X[name])]
        numbers = X[self.numbers_].astype(float)
        self.mean_ = numbers.mean()
        self.sd_ = numbers.fillna(self.mean_).std(ddof=0).replace(0, 1.0)
        self.levels_, self.fill_ = {}, {}
        for name in X.columns.difference(self.numbers_, sort=False):
            words = X[name].astype("string")
            common = words.mode()
            few = words.isna().mean() < FEW_MISSING and len(common) > 0
            self.fill_[name] = str(common.iloc[0]) if few else "missing"
            share = words.fillna(self.fill_[name]).value_counts(normalize=True)
            self.levels_[name] = sorted(share[share >= RARE].index)
        whole = self._spread(X)
        varies = np.flatnonzero(whole.std(axis=0) > 0)
        alike = np.triu(np.abs(np.atleast_2d(np.corrcoef(whole[:, varies].T))) > TWINS, 1)
        self.kept_ = varies[~alike.any(axis=0)]
        return whole[:, self.kept_]

    def transform(self, X: pd.DataFrame) -> Floats:
        """Encode other rows."""
        return self._spread(X)[:, self.kept_]

    def _spread(self, X: pd.DataFrame) -> Floats:
        numbers = X[self.numbers_].astype(float)
        scaled = ((numbers.fillna(self.mean_) - self.mean_) / self.sd_).clip(-BEND, BEND)
        parts = [scaled.to_numpy(), numbers.isna().to_numpy(dtype=float)]
        for name, levels in self.levels_.items():
            words = X[name].astype("string").fillna(self.fill_[name]).to_numpy(dtype=object)
            spread = words[:, None] == np.asarray(levels, dtype=object)[None, :]
            parts += [spread.astype(float), ~spread.any(axis=1, keepdims=True)]
        return np.concatenate(parts, axis=1).astype(float)
