"""What every ensemble here shares: checked input, seeded members, a soft vote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble._forest import BaseForest
from sklearn.tree import BaseDecisionTree, DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    has_fit_parameter,
    validate_data,
)

from steelyard.core import Floats, TooFewSamples, UsageError, derive, generator
from steelyard.ensemble.rows import Ints, Rows

__all__ = ["Committee"]


class Committee(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Base of all ensembles: subclasses fill `estimators_` and `training_prior_` in `fit`.

    Members are trained on class positions 0..K-1 and vote with the mean of their probabilities.
    """

    estimator: Any
    n_estimators: int
    n_jobs: int | None
    random_state: Any
    estimators_: list[Any]
    training_prior_: Floats
    log_: list[dict[str, Any]]
    classes_: NDArray[Any]
    n_features_in_: int

    def predict_proba(self, X: ArrayLike) -> Floats:
        """The mean of the members' class probabilities (n, K)."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        calls = (
            delayed(member_probabilities)(member, rows, len(self.classes_)) for member in self.estimators_
        )
        # results arrive in member order, so the sum does not depend on the number of threads
        votes: Iterable[Floats] = Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(calls)
        total = np.zeros((rows.shape[0], len(self.classes_)))
        for vote in votes:
            total += vote
        return total / len(self.estimators_)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class with the highest mean probability (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def staged_predict_proba(self, X: ArrayLike) -> Iterator[Floats]:
        """The probabilities (n, K) after one member, after two, and so on."""
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        total = np.zeros((rows.shape[0], len(self.classes_)))
        for i, member in enumerate(self.estimators_):
            total = total + member_probabilities(member, rows, len(self.classes_))
            yield total / (i + 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        base = get_tags(self._member()).input_tags
        tags.input_tags.allow_nan, tags.input_tags.sparse = base.allow_nan, base.sparse
        return tags

    def _member(self) -> Any:
        """The learner that members are clones of."""
        return DecisionTreeClassifier() if self.estimator is None else self.estimator

    def _validated(self, X: Any, y: Any = None, *, reset: bool = True) -> Any:
        """X (and y), finite unless the members take missing values; float32 once if they are trees."""
        tags = self.__sklearn_tags__().input_tags
        trees = self.estimator is None or isinstance(self.estimator, BaseDecisionTree | BaseForest)
        options: dict[str, Any] = {
            "accept_sparse": "csr" if tags.sparse else False,
            "dtype": np.float32 if trees else "numeric",
            "ensure_all_finite": "allow-nan" if tags.allow_nan else True,
            "reset": reset,
        }
        return validate_data(self, X, **options) if y is None else validate_data(self, X, y, **options)

    def _read(
        self, X: Any, y: Any, sample_weight: ArrayLike | None = None
    ) -> tuple[Any, Ints, Floats | None]:
        """Checked rows of positive weight, class positions and weights; sets `classes_` (two or more)."""
        if y is None:
            raise UsageError(
                f"{type(self).__name__} requires y to be passed, but the target y is None; "
                "pass one label a row"
            )
        X, y = self._validated(X, y)
        check_classification_targets(y)
        weights = self._weights(X, sample_weight)
        if weights is not None and (weights == 0).any():
            X, y, weights = X[weights > 0], y[weights > 0], weights[weights > 0]
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise TooFewSamples(
                f"the rows hold only one class ({self.classes_[0]!r}); pass rows of at least two classes"
            )
        return X, codes.astype(np.int64), weights

    def _weights(self, X: Any, sample_weight: ArrayLike | None) -> Floats | None:
        if sample_weight is None:
            return None
        if not has_fit_parameter(self._member(), "sample_weight"):
            raise UsageError(
                f"sample_weight came, but {type(self._member()).__name__} takes none; "
                "pass an estimator whose fit accepts sample_weight"
            )
        weights: Floats = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        return weights

    def _rows(self, X: Any, y: Any, sample_weight: ArrayLike | None) -> Rows:
        """The rows to draw from; equal rows are merged if the members can weigh them."""
        return Rows.of(
            *self._read(X, y, sample_weight), merge=has_fit_parameter(self._member(), "sample_weight")
        )

    def _record(self, y: Ints, weight: Floats, **more: Any) -> None:
        """Log what one member was trained on."""
        n_classes = len(self.classes_)
        mass = np.bincount(y, weights=weight, minlength=n_classes)
        rows = np.bincount(y, minlength=n_classes)
        self.log_.append({"member": len(self.log_), "rows": rows.tolist(), "weight": mass.tolist(), **more})

    def _conclude(self) -> None:
        """The training prior: every member counts the same."""
        shares = np.array([entry["weight"] for entry in self.log_])
        self.training_prior_ = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)

    def _seed(self) -> int:
        """One number from `random_state` that all of a fit's randomness is derived from."""
        return int(generator(self.random_state).integers(2**31))


def seeded(estimator: Any, seed: int, *key: object) -> Any:
    """A clone of `estimator`, every `random_state` in it set from the seed and the key."""
    member = clone(estimator)
    states = {
        name: derive(seed, *key, name) % 2**31
        for name in sorted(member.get_params(deep=True))
        if name == "random_state" or name.endswith("__random_state")
    }
    return member.set_params(**states)


def member_probabilities(member: Any, X: Any, n_classes: int) -> Floats:
    """A member's probabilities (n, K), with zeros for classes it never saw."""
    # trees get float32 rows that were checked once, so they need not check again
    known = {"check_input": False} if isinstance(member, BaseDecisionTree) else {}
    votes: Floats = member.predict_proba(X, **known)
    if votes.shape[1] == n_classes:
        return votes
    full = np.zeros((X.shape[0], n_classes))
    full[:, member.classes_.astype(np.int64)] = votes
    return full


def whole(name: str, value: Any, least: int = 1) -> int:
    """`value` as an integer of at least `least`, or a UsageError that says so."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise UsageError(f"{name}={value!r} came, expected a whole number of at least {least}")
    return int(value)


def fit_member(member: Any, X: Any, y: Ints, weight: Floats | None) -> Any:
    """Fit on a subset; weights that are all one are left out."""
    if weight is None or bool((weight == 1).all()):
        return member.fit(X, y)
    return member.fit(X, y, sample_weight=weight)
