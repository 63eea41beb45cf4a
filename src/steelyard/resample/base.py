"""What all samplers share: reading the input, writing the output, and the account of every row."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils import Tags, assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_consistent_length, validate_data

from steelyard.core import DataError, Prior, UsageError
from steelyard.resample.containers import apply_plan, as_matrix, labels_like, take
from steelyard.resample.plan import Ints, Plan, is_sparse
from steelyard.resample.strategy import Kind, classes_of, sampling_targets, targets_of
from steelyard.resample.tags import sampler_tags

__all__ = ["BaseSampler", "Resampled", "positive_integer"]


@dataclass(frozen=True)
class Resampled:
    """The rows out of a sampler and everything known about them.

    Attributes:
        X, y: rows and labels, in the containers and types they came in.
        sample_weight: weights (n_out,) or None; a made row weighs what its parents weigh, in their shares.
        groups: group of each row, or None; a made row has that of the row it started from.
        aligned: the other arrays passed in, by name; a made row takes those of its start.
        indices: the row in that each row out is or was started from (n_out,).
        origin: the row in that each row out is, -1 for a made row (n_out,).
        prior: the class prior of the rows out, which is what a learner will see.
        plan: what the sampler decided, from which `parents` follow.
        notices: what was done differently from what was asked, in sentences.
    """

    X: Any
    y: Any
    sample_weight: NDArray[np.float64] | None
    groups: Any
    aligned: dict[str, Any]
    indices: Ints
    origin: Ints
    prior: Prior
    plan: Plan = field(repr=False)
    notices: tuple[str, ...] = field(default=())

    @cached_property
    def parents(self) -> sparse.csr_array:
        """The share of every row in in every row out, CSR (n_out, n_in); rows sum to one."""
        return self.plan.parents()


# scikit-learn ships no types, so its classes are Any to mypy
class BaseSampler(OneToOneFeatureMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The frame of every sampler: subclasses say which rows stay and which are made.

    After `fit_resample`: `sampling_strategy_` (rows to add or leave by class), `sample_indices_`, `origin_`
    (see `Resampled`), `parents_`, `prior_`, `notices_`; and `sample_weight_`, `groups_` where given.
    """

    _sampling_type: ClassVar[Kind]
    _takes_any_columns: ClassVar[bool] = False
    """True when rows are only chosen, so that text, dates and missing values are welcome."""
    _takes_holes: ClassVar[bool] = True
    """With any columns: whether missing values are welcome too."""
    _takes_sparse: ClassVar[bool] = True

    sampling_strategy: Any

    def fit(self, X: Any, y: Any) -> BaseSampler:
        """Check the data and work out `sampling_strategy_`; `fit_resample` is what does the work."""
        self._read(X, y)
        return self

    def fit_resample(
        self, X: Any, y: Any, *, sample_weight: ArrayLike | None = None, groups: Any = None
    ) -> tuple[Any, Any]:
        """Resample the rows.

        Args:
            X: rows (n, d): array, list, sparse matrix, pandas, polars or any eager frame narwhals reads.
            y: labels (n,), one column, or one 0/1 column a class.
            sample_weight: weights (n,); the weights of the rows out stand in `sample_weight_` afterwards.
            groups: group of each row (n,); those of the rows out stand in `groups_` afterwards.

        Returns:
            The rows and labels in the containers they came in.
        """
        result = self.resample(X, y, sample_weight=sample_weight, groups=groups)
        return result.X, result.y

    def resample(
        self,
        X: Any,
        y: Any,
        *,
        sample_weight: ArrayLike | None = None,
        groups: Any = None,
        **aligned: Any,
    ) -> Resampled:
        """Resample the rows together with weights, groups and any other arrays of the same length.

        >>> import numpy as np
        >>> from steelyard.resample import RandomUnderSampler
        >>> X, y = np.arange(10.0).reshape(5, 2), [0, 0, 0, 0, 1]
        >>> sampler = RandomUnderSampler(random_state=0)
        >>> result = sampler.resample(X, y, sample_weight=[1, 2, 3, 4, 5], row=X[:, 0])
        >>> result.y, result.sample_weight.tolist(), result.aligned["row"].tolist()
        ([0, 1], [3.0, 5.0], [4.0, 8.0])
        """
        y = y if _is_container(y) or hasattr(y, "shape") else np.asarray(y)
        rows, codes, names = self._read(X, y)
        extra = {"groups": groups, **aligned}
        check_consistent_length(rows, *(value for value in extra.values() if value is not None))
        weight = _weights(sample_weight, len(codes))
        self.notices_: tuple[str, ...] = ()
        plan = self._plan(rows, codes)
        self._account(plan, codes, names, weight)
        followed = {key: None if value is None else take(value, plan.indices) for key, value in extra.items()}
        self.groups_ = followed.pop("groups")
        return Resampled(
            apply_plan(plan, X if _is_container(X) else rows),
            self._write_targets(y, names, plan.codes(codes)),
            self.sample_weight_,
            self.groups_,
            followed,
            self.sample_indices_,
            self.origin_,
            self.prior_,
            plan,
            self.notices_,
        )

    @property
    def parents_(self) -> sparse.csr_array:
        """The share of every row in in every row out, CSR (n_out, n_in)."""
        if not hasattr(self, "_last"):
            raise AttributeError("parents_ exists after fit_resample; call it first")
        return self._last.parents()

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """The columns out, which are the columns in."""
        names: NDArray[Any] = super().get_feature_names_out(input_features)
        return names

    def _plan(self, X: Any, y: Ints) -> Plan:
        """Decide; `X` is validated, `y` holds class positions, `self._wanted` the targets by position."""
        raise NotImplementedError

    def _read(self, X: Any, y: Any) -> tuple[Any, NDArray[Any], NDArray[Any]]:
        self._check_options()
        assert_all_finite(y if is_sparse(y) else np.asarray(y), input_name="y")
        labels = self._labels(y)
        several = labels.ndim == 2
        matrix = as_matrix(X)
        if self._takes_any_columns:
            _at_least_one_row(matrix)
            validate_data(self, X=matrix, y=labels, reset=True, skip_check_array=True)
            rows = matrix if _is_container(matrix) else np.asarray(matrix)
            check_consistent_length(rows, labels)
        else:
            accepted = ["csr", "csc"] if self._takes_sparse else False
            rows, labels = validate_data(
                self, X=matrix, y=labels, reset=True, accept_sparse=accepted, multi_output=several
            )
        self._check_rows(rows)
        return rows, *self._read_targets(labels)

    def _labels(self, y: Any) -> NDArray[Any]:
        """The targets as an array, checked."""
        if isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "iub":
            return y  # whole numbers are classes whatever they are
        check_classification_targets(y)
        return _vector(y)

    def _read_targets(self, labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """What `_plan` works with: class positions and the classes."""
        self._names, codes, counts = classes_of(labels)
        strategy = self.sampling_strategy
        if callable(strategy):
            strategy = dict(strategy(labels))
        known = dict(zip(self._names.tolist(), counts.tolist(), strict=True))
        self.sampling_strategy_: dict[Hashable, int] = targets_of(strategy, known, self._sampling_type)
        position = {label: i for i, label in enumerate(known)}
        self._wanted = {position[label]: n for label, n in self.sampling_strategy_.items()}
        return codes, self._names

    def _write_targets(self, y: Any, names: NDArray[Any], codes: NDArray[Any]) -> Any:
        """Class positions written the way `y` was."""
        return labels_like(y, names)(codes)

    def _count(self, codes: NDArray[Any], names: NDArray[Any], weight: NDArray[np.float64] | None) -> Prior:
        """The prior of the rows out."""
        counts = np.bincount(codes, weights=weight, minlength=len(names))
        kind = "binary" if len(names) == 2 else "multiclass"
        return Prior(tuple(names.tolist()), counts.astype(float), kind)

    def _targets_now(self, y: Ints) -> list[int]:
        """The class positions the strategy names for other labels than those of the call."""
        found = sampling_targets(self.sampling_strategy, self._names[y], self._sampling_type)
        return [code for code, label in enumerate(self._names.tolist()) if label in found]

    def _check_options(self) -> None:
        """Raise a UsageError when a constructor argument is out of range."""

    def _check_rows(self, X: Any) -> None:
        """Raise a DataError when the rows are not what the method can work on."""

    def _class(self, code: int) -> str:
        """The class at a position, as a person writes it."""
        return f"class {self._names[code : code + 1].tolist()[0]!r}"

    def _notice(self, sentence: str) -> None:
        self.notices_ = (*self.notices_, sentence)

    def _account(
        self, plan: Plan, codes: NDArray[Any], names: NDArray[Any], weight: NDArray[np.float64] | None
    ) -> None:
        self._last = plan
        self.sample_indices_ = plan.indices
        self.origin_ = plan.origin
        self.sample_weight_ = None if weight is None else plan.weights(weight)
        self.prior_ = self._count(plan.codes(codes), names, self.sample_weight_)

    def __sklearn_tags__(self) -> Tags:
        text = self._takes_any_columns
        return sampler_tags(
            super().__sklearn_tags__(), sparse=self._takes_sparse, text=text, holes=text and self._takes_holes
        )


def positive_integer(value: Any, name: str, *, at_least: int = 1) -> int:
    """`value` as an int, or a UsageError that names the option.

    >>> positive_integer(3, "k_neighbors")
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < at_least:
        raise UsageError(f"{name}={value!r} was given, expected a whole number of at least {at_least}")
    return int(value)


def _vector(y: Any) -> NDArray[Any]:
    kind = type_of_target(y)
    if kind != "multilabel-indicator":
        return np.asarray(column_or_1d(y))
    matrix = y.toarray() if is_sparse(y) else np.asarray(y)
    if np.any(matrix.sum(axis=1) > 1):
        raise DataError(
            "some rows carry several labels, a sampler for classes needs one a row; "
            "use the multi-label samplers of steelyard.resample"
        )
    return np.asarray(matrix.argmax(axis=1))


def _weights(sample_weight: ArrayLike | None, n: int) -> NDArray[np.float64] | None:
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise DataError(f"{n} rows came with weights of shape {weight.shape}; pass one weight a row")
    return weight


def _is_container(X: Any) -> bool:
    return isinstance(X, list) or is_sparse(X) or hasattr(X, "columns") or hasattr(X, "column_names")


def _at_least_one_row(X: Any) -> None:
    shape = np.shape(X)
    if len(shape) != 2:
        raise DataError(
            f"Expected 2D array of rows and columns, got shape {shape}; Reshape your data, "
            "for one column with X.reshape(-1, 1)"
        )
    if shape[0] < 1:
        raise DataError("Found array with 0 sample(s) while a minimum of 1 is required; pass some rows")
    if shape[1] < 1:
        raise DataError(
            f"0 feature(s) (shape={shape}) while a minimum of 1 is required.; pass at least one column"
        )
