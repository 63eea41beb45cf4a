"""SMOTE for numbers and categories together."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils import check_array, check_random_state

from steelyard.core import DataError, UsageError
from steelyard.resample.categories import category_columns, column_block, most_frequent, side_by_side
from steelyard.resample.plan import Ints, Made, Plan, is_sparse
from steelyard.resample.smote import SMOTE
from steelyard.resample.strategy import Strategy

__all__ = ["SMOTENC"]


class SMOTENC(SMOTE):
    r"""SMOTE where some columns are categories: numbers are interpolated, categories voted for by the neighbours.

    When to use it: mixed tables as they are. Distances add the squared median standard deviation of the class's
    numeric columns for every category that differs; a new row takes the most frequent category of the
    neighbours of the row it starts from, draws settled at random. A missing category is a category of its own;
    missing numbers are refused.

    Args:
        categorical_features: positions, names or a mask of the category columns; "auto" takes the text,
            category and boolean columns of a data frame.
        categorical_encoder: an unfitted one-hot encoder with one column a category, instead of OneHotEncoder.
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn.
        k_neighbors: neighbours, or an unfitted neighbour search (of one more).

    Raises:
        UsageError: columns that do not exist, or an encoder that drops categories.
        DataError: only categories, or none.

    >>> import pandas as pd
    >>> X = pd.DataFrame({"x": [0.0, 1, 2, 3, 9, 10], "colour": list("rrggbb")})
    >>> SMOTENC("auto", random_state=0).fit_resample(X, [0, 0, 0, 0, 1, 1])[0]["colour"].tolist()[6:]
    ['b', 'b']

    Source: Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique.
    """

    _takes_any_columns: ClassVar[bool] = True
    _takes_holes: ClassVar[bool] = False
    _takes_sparse: ClassVar[bool] = False

    def __init__(
        self,
        categorical_features: Any,
        *,
        categorical_encoder: Any = None,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.categorical_features = categorical_features
        self.categorical_encoder = categorical_encoder

    def _plan(self, X: Any, y: Ints) -> Plan:
        numbers, hot = self._encode(X)
        self.median_std_: dict[Any, float] = {}
        parts = []
        for code, wanted in self._wanted.items():
            if not wanted:
                continue
            rows = np.flatnonzero(y == code)
            median = float(np.median(np.std(numbers[rows], axis=0, dtype=np.float64)))
            self.median_std_[self._names[code]] = median
            # a differing category costs two entries of the one-hot code, hence the square root
            categories = hot[rows]
            categories.data[:] = median / math.sqrt(2)
            members = sparse.hstack([sparse.csr_matrix(numbers[rows]), categories], format="csr")
            near = self._near(sparse.csr_matrix(members), code)
            line = self._lines(numbers, rows, rows, near, wanted, code)
            parts.append(self._with_categories(X, line, rows, near))
        return Plan.adding(len(y), parts)

    def _check_rows(self, X: Any) -> None:
        if is_sparse(X):
            raise DataError(
                "SMOTENC got a sparse matrix, which cannot hold categories; pass an array or a frame"
            )
        self.categorical_features_ = category_columns(X, self.categorical_features)
        self.continuous_features_ = np.setdiff1d(np.arange(self.n_features_in_), self.categorical_features_)
        if not len(self.categorical_features_) or not len(self.continuous_features_):
            kind = "SMOTEN" if len(self.categorical_features_) else "SMOTE"
            raise DataError(
                f"SMOTENC found {len(self.categorical_features_)} category columns of {self.n_features_in_}, it needs "
                f"both kinds; use {kind}"
            )
        check_array(column_block(X, self.continuous_features_))

    def _encode(self, X: Any) -> tuple[NDArray[Any], sparse.csr_matrix]:
        """The numbers and the one-hot categories."""
        numbers = check_array(column_block(X, self.continuous_features_))
        numbers = numbers if numbers.dtype.kind == "f" else numbers.astype(np.float64)
        encoder = OneHotEncoder(handle_unknown="ignore", dtype=numbers.dtype)
        self.categorical_encoder_ = (
            encoder if self.categorical_encoder is None else clone(self.categorical_encoder)
        )
        hot = sparse.csr_matrix(
            self.categorical_encoder_.fit_transform(column_block(X, self.categorical_features_)),
            dtype=numbers.dtype,
        )
        sizes = [len(names) for names in self.categorical_encoder_.categories_]
        if hot.shape[1] != sum(sizes):
            raise UsageError(
                f"the categorical encoder made {hot.shape[1]} columns of {sum(sizes)} categories; pass one that "
                "keeps every category, such as OneHotEncoder(handle_unknown='ignore')"
            )
        hot.sort_indices()
        self._codes = hot.indices.reshape(hot.shape[0], -1) - np.cumsum([0, *sizes[:-1]])
        return numbers, hot

    def _with_categories(self, X: Any, line: Made, rows: Ints, near: Ints) -> Made:
        """The made numbers joined with categories voted for by the neighbours of each start."""
        random_state = check_random_state(self.random_state)
        around = near[np.searchsorted(rows, line.start)]
        voted = np.empty((len(line.codes), len(self.categorical_features_)), dtype=object)
        for place, names in enumerate(self.categorical_encoder_.categories_):
            voted[:, place] = names[most_frequent(self._codes[rows, place][around], len(names), random_state)]
        made = side_by_side(X, self.continuous_features_, line.rows, self.categorical_features_, voted)
        return Made(made, line.codes, line.start, line.parents)


CARD = {
    "lever": "resample",
    "name": "SMOTENC",
    "title": "SMOTE for numbers and categories",
    "seeds": ["012", "015"],
    "needs": [],
    "example": {"categorical_features": [1], "random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique",
    "facts": {"kind": "over"},
}
