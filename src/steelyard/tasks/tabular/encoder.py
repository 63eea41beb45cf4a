"""One table of mixed columns in, one numeric matrix out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from steelyard.core import DataError, UsageError, generator
from steelyard.tasks.tabular.columns.parts import apply_parts, learn_parts, make_parts
from steelyard.tasks.tabular.columns.sparse import DENSE_CELLS, SparseNumbers, sparse_rows
from steelyard.tasks.tabular.columns.values import is_plain, number_block
from steelyard.tasks.tabular.frames import as_frame
from steelyard.tasks.tabular.roles import ROLES, infer_roles
from steelyard.tasks.tabular.schema import Schema

__all__ = ["TableEncoder"]


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Turn a table of mixed columns into numbers, without looking at labels.

    When to use it: in front of any learner, as the first step of a pipeline, fitted on training rows only.
    `kind="tree"` keeps missing values as NaN and gives each category one rank by frequency; `kind="linear"`
    fills gaps and marks them, puts measures on one scale with bent tails, and gives each frequent category a
    0/1 feature. In both, rare and unknown categories are one pool, dates become calendar parts and
    differences in hours, text becomes singular directions of TF-IDF n-grams, and features that never vary are dropped.
    Identifiers are treated as numbers or categories: drop those columns first if they should not count.
    Numeric sparse tables of more than 16 million cells stay sparse (CSR).

    New rows are matched by column name where both tables have names (order does not matter, extra columns are
    ignored and noted), else by position.

    Args:
        kind: "tree" or "linear".
        roles: column -> role, to correct what `infer_roles` finds; "constant" drops a column.
        max_categories: levels that get a 0/1 feature of their own; a column with more also gives a count.
        min_frequency: levels of fewer training rows are pooled.
        text_components: singular directions of a text column.
        random_state: seed of the directions.

    Attributes:
        roles_: the role of every column.
        ignored_columns_: columns of the last transformed table that training rows did not have.
        n_features_in_: the number of columns.
        feature_names_in_: their names, if all are text.

    Raises:
        DataError: no usable table, columns missing, or values of another kind than learned, named together.
        UsageError: an option out of range.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"city": ["Rome", "Oslo"] * 5, "sold": ["2024-05-06", "2024-05-07"] * 5})
    >>> encoder = TableEncoder(kind="tree").fit(table)
    >>> encoder.get_feature_names_out().tolist()
    ['sold_time', 'sold_weekday', 'city']
    >>> encoder.transform(pd.DataFrame({"sold": ["2024-05-09"], "city": ["Lima"]})).tolist()
    [[3.0, 3.0, 2.0]]
    """

    def __init__(
        self,
        *,
        kind: str = "tree",
        roles: Mapping[Hashable, str] | None = None,
        max_categories: int = 50,
        min_frequency: int = 5,
        text_components: int = 20,
        random_state: Any = 0,
    ) -> None:
        self.kind = kind
        self.roles = roles
        self.max_categories = max_categories
        self.min_frequency = min_frequency
        self.text_components = text_components
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's contract
        """Learn roles, levels, scales and vocabularies from the rows of `X`; `y` is ignored."""
        self._learn(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002 - scikit-learn's contract
        """Learn from `X` and return its features, in one pass."""
        return self._learn(X)

    def transform(self, X: Any) -> Any:
        """The features of new rows: float32 (n, m), finite for "linear"; CSR if training rows were."""
        check_is_fitted(self)
        if self.sparse_ is not None:
            return self.sparse_.read(self._sparse_table(X))
        frame, named = as_frame(sparse_rows(X).toarray() if sparse.issparse(X) else X)
        frame, self.ignored_columns_ = self.schema_.match(frame, named=named)
        return apply_parts(self.parts_, frame)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """The names of the features; given `input_features` must be the names learned."""
        check_is_fitted(self)
        if input_features is not None:
            given = np.asarray(input_features, dtype=object).tolist()
            if len(given) != self.n_features_in_ or (
                hasattr(self, "feature_names_in_") and given != self.feature_names_in_.tolist()
            ):
                raise DataError(
                    "input_features is not equal to feature_names_in_ or should have length equal to the number "
                    f"of columns learned ({self.n_features_in_}); got {given[:5]!r}; leave it out"
                )
        return np.asarray(self.features_, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.allow_nan = True
        tags.input_tags.string = tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _learn(self, X: Any) -> Any:
        self._check_options()
        self.sparse_: SparseNumbers | None = None
        if sparse.issparse(X):
            table = sparse_rows(X)
            if table.shape[0] * table.shape[1] > DENSE_CELLS:
                return self._learn_sparse(table)
            X = table.toarray()
        frame, named = as_frame(X)
        self._remember(list(frame.columns), named=named)
        self.roles_ = self._decide_roles(frame)
        self.parts_ = make_parts(
            _read_as(self.roles_, frame),
            linear=self.kind == "linear",
            max_categories=self.max_categories,
            min_frequency=self.min_frequency,
            text_components=self.text_components,
            seed=int(generator(self.random_state).integers(2**31)),
        )
        values = learn_parts(self.parts_, frame)
        self.features_ = [name for part in self.parts_ for name in part.finish.names_]
        if not self.features_:
            raise DataError(
                f"no column holds two different values worth learning from (n_samples={len(frame)}, "
                f"n_features={frame.shape[1]}); pass rows that differ"
            )
        return values

    def _learn_sparse(self, table: sparse.csr_matrix) -> sparse.csr_matrix:
        self._remember([f"x{i}" for i in range(table.shape[1])], named=False)
        self.roles_ = dict.fromkeys(self.schema_.columns, "number")
        self.parts_ = []
        self.sparse_ = SparseNumbers(linear=self.kind == "linear")
        values = self.sparse_.learn(table)
        self.features_ = self.sparse_.names(self.schema_.columns)
        return values

    def _sparse_table(self, X: Any) -> sparse.csr_matrix:
        """New rows for an encoder that learned a sparse table."""
        if not sparse.issparse(X):
            frame, named = as_frame(X)
            X = sparse.csr_matrix(number_block(self.schema_.match(frame, named=named)[0]))
        self.schema_.check_width(X.shape[1])
        return sparse_rows(X)

    def _remember(self, columns: list[Any], *, named: bool) -> None:
        self.schema_ = Schema(columns, named=named)
        self.ignored_columns_ = []
        self.n_features_in_ = len(columns)
        if named and all(isinstance(name, str) for name in columns):
            self.feature_names_in_ = np.asarray(columns, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _check_options(self) -> None:
        if self.kind not in ("tree", "linear"):
            raise UsageError(f'kind={self.kind!r} came; expected "tree" or "linear"')
        for option, least in (("max_categories", 2), ("min_frequency", 1), ("text_components", 1)):
            if getattr(self, option) < least:
                raise UsageError(f"{option}={getattr(self, option)} came; {least} or more was expected")

    def _decide_roles(self, frame: pd.DataFrame) -> dict[Hashable, str]:
        given = dict(self.roles or {})
        unknown = [role for role in given.values() if role not in ROLES]
        strange = [name for name in given if name not in frame.columns]
        if unknown or strange:
            what = f"the role {unknown[0]!r}" if unknown else f"the column {strange[0]!r}"
            known = ", ".join(ROLES if unknown else map(str, list(frame.columns)[:10]))
            raise UsageError(f"roles= names {what}; expected one of {known}")
        asked = [name for name in frame.columns if name not in given]
        found = infer_roles(frame[asked]) if asked else {}
        return {name: given.get(name) or found[name] for name in frame.columns}


def _read_as(roles: Mapping[Hashable, str], frame: pd.DataFrame) -> dict[Hashable, str]:
    """Roles with identifiers replaced by what they are read as."""
    return {
        name: ("number" if is_plain(frame[name].dtype) else "category") if role == "identifier" else role
        for name, role in roles.items()
    }
