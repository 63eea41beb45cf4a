"""The main job as a scikit-learn classifier."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from steelyard.core import Floats, generator
from steelyard.core.progress import Log
from steelyard.decide import Goal
from steelyard.race.clock import Clock
from steelyard.race.options import Options
from steelyard.race.problem import Problem
from steelyard.race.solve import solve

__all__ = ["ImbalanceClassifier"]


class ImbalanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Race remedies against doing nothing inside `fit`; predict with calibrated, thresholded probabilities.

    When to use it: where `run` is meant but a scikit-learn estimator is wanted, for example inside a
    cross-validation of one's own. No final test part is kept: whoever calls `fit` holds the test rows.

    Args:
        metric: the goal; see `run` for this and the other goals.
        cost_fp, cost_fn, cost_matrix, min_precision, min_recall, alerts: the other goals.
        positive: the label of interest of a two-class target; default the rarest.
        learners, remedies: names to race instead of the defaults.
        arms: name -> classifier or pipeline of your own, raced beside them; see `run`.
        folds, repeats, budget, max_fits: how long to race; see `run`.
        n_jobs: worker processes (speed only).
        random_state: decides every random choice.

    Attributes:
        classes_: the labels, sorted.
        model_: the delivered model.
        chosen_: the arm that was chosen.
        n_features_in_, feature_names_in_: what was seen in `fit`.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(300, weights=[0.9], random_state=0)
    >>> clf = ImbalanceClassifier(metric="f1", learners=("logistic",), remedies=(), folds=3, max_fits=9)
    >>> clf.fit(X, y).predict(X).shape
    (300,)
    """

    def __init__(
        self,
        *,
        metric: str | None = None,
        cost_fp: float | None = None,
        cost_fn: float | None = None,
        cost_matrix: ArrayLike | None = None,
        min_precision: float | None = None,
        min_recall: float | None = None,
        alerts: int | None = None,
        positive: Any = None,
        learners: tuple[str, ...] | None = None,
        remedies: tuple[str, ...] | None = None,
        arms: Mapping[str, Any] | None = None,
        folds: int = 5,
        repeats: int = 1,
        budget: float | None = None,
        max_fits: int | None = 100,
        n_jobs: int | None = 1,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.metric = metric
        self.cost_fp = cost_fp
        self.cost_fn = cost_fn
        self.cost_matrix = cost_matrix
        self.min_precision = min_precision
        self.min_recall = min_recall
        self.alerts = alerts
        self.positive = positive
        self.learners = learners
        self.remedies = remedies
        self.arms = arms
        self.folds = folds
        self.repeats = repeats
        self.budget = budget
        self.max_fits = max_fits
        self.n_jobs = n_jobs
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Tables as they are: sparse, missing values, text columns."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Race, choose, refit on all rows, calibrate and set the operating point.

        Args:
            X: features, (n, d): frame (pandas, polars), array or sparse matrix.
            y: labels (n,).
            sample_weight: (n,) or None.
            groups: (n,) or None; rows of one group stay on one side of every split.
        """
        X, y = self._rows(X, y)
        check_classification_targets(y)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=float)
        problem = Problem.of_arrays(
            X,
            y,
            positive=self.positive,
            sample_weight=weight,
            groups=None if groups is None else np.asarray(groups),
        )
        options = Options(
            folds=self.folds,
            repeats=self.repeats,
            test_size=0,
            budget=self.budget,
            max_fits=None if self.budget is not None else self.max_fits,
            learners=self.learners,
            remedies=self.remedies,
            arms=self.arms,
            seed=int(generator(self.random_state).integers(2**32 - 1)),
            jobs=self.n_jobs or 1,
        )
        self.classes_ = np.unique(y)
        with tempfile.TemporaryDirectory(prefix="steelyard-") as place:
            answer = solve(
                problem,
                self._goal(problem),
                options,
                work=Path(place),
                clock=Clock(self.budget),
                log=Log(),
            )
        self.model_ = answer.delivery.model
        self.chosen_ = answer.choice.chosen.label
        order = {label: position for position, label in enumerate(self.model_.labels)}
        self._columns = np.array([order[label] for label in self.classes_.tolist()])
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Calibrated probabilities (n, K), columns in the order of `classes_`."""
        check_is_fitted(self)
        p: Floats = self.model_.predict_proba(self._new_rows(X))[:, self._columns]
        return p

    def predict(self, X: Any) -> NDArray[Any]:
        """Labels by the operating point of the goal."""
        check_is_fitted(self)
        p = self.model_.predict_proba(self._new_rows(X))
        positions = np.argsort(self._columns)
        decided: NDArray[Any] = self.classes_[positions[self.model_.decide(p)]]
        return decided

    def set_prevalence(self, prevalence: float | ArrayLike) -> Self:
        """Re-target the fitted model; see `TableModel.set_prevalence`."""
        check_is_fitted(self)
        self.model_.set_prevalence(prevalence)
        return self

    def _goal(self, problem: Problem) -> Goal:
        asked = {
            "metric": self.metric,
            "cost_fp": self.cost_fp,
            "cost_fn": self.cost_fn,
            "cost_matrix": self.cost_matrix,
            "min_precision": self.min_precision,
            "min_recall": self.min_recall,
            "alerts": self.alerts,
        }
        asked = {name: value for name, value in asked.items() if value is not None}
        settings: dict[str, Any] = asked or {"metric": "average_precision"}
        return Goal.of(**settings, n_rows=problem.n, n_classes=problem.n_classes)

    def _rows(self, X: Any, y: Any) -> tuple[Any, NDArray[Any]]:
        frame = _frame(X)
        checked, labels = validate_data(
            self,
            X if frame is None else frame,
            y,
            accept_sparse="csr",
            dtype=None,
            ensure_all_finite="allow-nan",
            ensure_min_samples=2,
        )
        return (checked if frame is None else frame), np.asarray(labels)

    def _new_rows(self, X: Any) -> Any:
        frame = _frame(X)
        checked = validate_data(
            self,
            X if frame is None else frame,
            reset=False,
            accept_sparse="csr",
            dtype=None,
            ensure_all_finite="allow-nan",
        )
        return checked if frame is None else frame


def _frame(X: Any) -> pd.DataFrame | None:
    """Frames keep their column types; anything else is checked as an array."""
    if isinstance(X, pd.DataFrame):
        return X.reset_index(drop=True)
    if hasattr(X, "to_pandas") and not sparse.issparse(X):
        return pd.DataFrame(X.to_pandas())
    return None
