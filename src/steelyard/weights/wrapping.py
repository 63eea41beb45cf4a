"""What classifiers around a classifier share: checked labels, folds, and its answers passed on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    _check_y,
    _num_samples,
    check_consistent_length,
    check_is_fitted,
    has_fit_parameter,
)

from steelyard.core import Floats, TooFewSamples, UsageError, derive

__all__: list[str] = []

Ints = NDArray[np.int64]


def _has(name: str) -> Any:
    return available_if(lambda self: hasattr(getattr(self, "estimator_", self._base()), name))


class Wrapper(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn ships no types
    """Answers as its fitted `estimator_` does; the columns of X are that classifier's business."""

    estimator: Any
    estimator_: Any

    def predict(self, X: Any) -> NDArray[Any]:
        """The classifier's decisions (n,)."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict(X))

    @_has("predict_proba")  # type: ignore[untyped-decorator] # scikit-learn ships no types
    def predict_proba(self, X: Any) -> Floats:
        """The classifier's probabilities (n, K), at `training_prior_`."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_proba(X))

    @_has("decision_function")  # type: ignore[untyped-decorator] # likewise
    def decision_function(self, X: Any) -> Floats:
        """The classifier's scores."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.decision_function(X))

    @property
    def n_features_in_(self) -> int:
        """Columns seen in `fit`."""
        return int(self.estimator_.n_features_in_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "training_prior_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._base()).input_tags
        return tags

    def _base(self) -> Any:
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator


def checked(X: Any, y: Any, sample_weight: ArrayLike | None) -> tuple[Any, Any, Floats | None]:
    """Rows of positive weight and two or more classes; the classifier itself looks at the columns."""
    if y is None:
        raise UsageError(
            "the classifier requires y to be passed, but the target y is None; pass one label a row"
        )
    check_consistent_length(X, y)
    if not _num_samples(X):
        raise TooFewSamples("there are 0 samples, while a minimum of 1 is required; pass rows")
    labels = _check_y(y)
    check_classification_targets(labels)
    given: Any = X  # other sparse formats give no rows
    X = given.tocsr() if sparse.issparse(X) else given
    own = None
    if sample_weight is not None:
        own = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        kept = np.flatnonzero(own > 0)
        if len(kept) < len(own):
            X, labels, own = take_rows(X, kept), labels[kept], own[kept]
    classes = np.unique(labels)
    if len(classes) < 2:
        raise TooFewSamples(
            f"the rows hold only one class ({classes[:1].tolist()}); pass rows of at least two classes"
        )
    return X, labels, own


def folds(codes: Ints, n_folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Stratified folds, no more than the rarest class has rows."""
    rarest = int(np.bincount(codes).min())
    if rarest < 2 or n_folds < 2:
        raise TooFewSamples(
            f"the rarest class has {rarest} rows and {n_folds} folds were asked for; both must be at least 2"
        )
    dealer = StratifiedKFold(
        min(int(n_folds), rarest), shuffle=True, random_state=derive(seed, "folds") % 2**31
    )
    return list(dealer.split(np.zeros(len(codes)), codes))


def take_rows(X: Any, rows: Ints) -> Any:
    """Some rows of an array, a frame or a sparse matrix."""
    return _safe_indexing(X if hasattr(X, "shape") else np.asarray(X), rows)


def weight_name(model: Any) -> str:
    """How `fit` calls row weights, or nothing."""
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = weight_name(last)
        return f"{name}__{inner}" if inner else ""
    return "sample_weight" if has_fit_parameter(model, "sample_weight") else ""


def seeded_clone(estimator: Any, seed: int, *key: object, anew: bool = False) -> Any:
    """A clone whose random states are set from the seed and the key: the open ones, or anew all of them."""
    model = clone(estimator)
    states = {
        name: derive(seed, *key, name) % 2**31
        for name, value in model.get_params(deep=True).items()
        if (name == "random_state" or name.endswith("__random_state")) and (anew or value is None)
    }
    return model.set_params(**states)


def fit_weighted(estimator: Any, X: Any, y: Any, weight: Floats | None, seed: int) -> Any:
    """A seeded clone fitted with the rows' own weights, or a UsageError when it takes none."""
    model = seeded_clone(estimator, seed)
    named = weight_name(model)
    if weight is not None and not named:
        raise UsageError(
            f"sample_weight came, but {type(model).__name__} takes none; wrap it in weights.Weighted"
        )
    return model.fit(X, y, **({} if weight is None else {named: weight}))
