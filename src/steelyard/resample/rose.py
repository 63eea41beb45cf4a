"""ROSE: draws from a kernel estimate of the density of a class."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from steelyard.core import Floats, UsageError
from steelyard.resample.categories import column_block, mixed_columns, number_block, side_by_side
from steelyard.resample.containers import take
from steelyard.resample.per_class import PerClassSampler
from steelyard.resample.plan import Ints, Made, between, is_sparse
from steelyard.resample.random_over import normal_bandwidth
from steelyard.resample.strategy import Strategy

__all__ = ["ROSE"]


class ROSE(PerClassSampler):
    r"""Draw rows of a class with replacement and add normal noise: a smoothed bootstrap.

    When to use it: to fill the space around few rows without a search for neighbours, in time and memory of a copy.
    Text, category and boolean columns are repeated as drawn, and so are missing values.

    To number column :math:`j` of a drawn row of class :math:`k` comes noise of standard deviation
    :math:`h_{kj} = s \, \sigma_{kj} \left(\frac{4}{(d + 2) n_k}\right)^{1 / (d + 4)}`, with :math:`\sigma_{kj}` the
    standard deviation of the column among the class's :math:`n_k` rows and :math:`d` the number of number columns:
    Silverman's bandwidth. `RandomOverSampler` with shrinkage puts all rows in place of :math:`n_k`, as
    imbalanced-learn does, which makes the noise of a rare class smaller. Only rows are added; rows that exist stay.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed.
        shrinkage: the factor s; 0 repeats rows as they are, the source suggests 1, or less to stay nearer.
        categorical_features: positions, names or a mask of the category columns; "auto" takes text, category and
            boolean columns; None means there are none.

    Raises:
        UsageError: a negative shrinkage, or columns that do not exist.
        ValueError: other columns that are no numbers.

    >>> import pandas as pd
    >>> X = pd.DataFrame({"x": [0.0, 1, 2, 3, 9, 10], "colour": list("rrggbb")})
    >>> sampler = ROSE(random_state=0)
    >>> rows, y = sampler.fit_resample(X, [0, 0, 0, 0, 1, 1])
    >>> rows["colour"].tolist()[6:], bool((rows["x"][6:] == rows["x"][sampler.sample_indices_[6:]].to_numpy()).any())
    (['b', 'b'], False)

    Source: Menardi, Torelli (2014), Training and assessing classification rules with imbalanced data.
    """

    _takes_any_columns: ClassVar[bool] = True

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        shrinkage: float = 1.0,
        categorical_features: Any = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.shrinkage = shrinkage
        self.categorical_features = categorical_features

    def _check_options(self) -> None:
        if not 0 <= self.shrinkage < np.inf:
            raise UsageError(f"shrinkage={self.shrinkage!r} was given, expected a number from 0 up")

    def _check_rows(self, X: Any) -> None:
        given = None if is_sparse(X) else self.categorical_features
        self.continuous_features_, self.categorical_features_ = mixed_columns(X, given)
        self._numbers = self._read_numbers(X)

    def _read_numbers(self, X: Any) -> Any:
        if is_sparse(X):
            return X.tocsr()
        return number_block(X, self.continuous_features_, holes=True)

    def _make(self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState) -> Made:
        picked = random_state.choice(rows, size=wanted, replace=True)
        scale = self.shrinkage * self._bandwidth(rows)
        noise = random_state.normal(size=(wanted, len(scale))) * scale
        code = int(y[rows[0]])
        if is_sparse(X):
            made: Any = X[picked].toarray() + noise
        else:
            made = self._numbers[picked] + noise
            if len(self.categorical_features_):
                names = column_block(take(X, picked), self.categorical_features_)
                made = side_by_side(X, self.continuous_features_, made, self.categorical_features_, names)
        return between(made, code, picked, picked, np.zeros(wanted), len(y))

    def _bandwidth(self, rows: Ints) -> Floats:
        """The standard deviation of the noise, by column."""
        values = self._numbers[rows].toarray() if is_sparse(self._numbers) else self._numbers[rows]
        known = ~np.isnan(values)
        count = known.sum(axis=0)
        away = np.where(known, values, 0.0)
        away = np.where(known, away - away.sum(axis=0) / np.maximum(count, 1), 0.0)
        spread = np.sqrt((away**2).sum(axis=0) / np.maximum(count - 1, 1))
        return np.asarray(normal_bandwidth(len(rows), max(values.shape[1], 1)) * spread)

    def _repeated(self, X: Any, start: Ints) -> Any:
        return column_block(take(X, start), np.arange(self.n_features_in_)) if not is_sparse(X) else X[start]


CARD = {
    "lever": "resample",
    "name": "ROSE",
    "title": "smoothed bootstrap with a bandwidth for each class",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Menardi, Torelli (2014), Training and assessing classification rules with imbalanced data",
    "facts": {
        "kind": "over",
        "arm": {"kind": "resampler", "rank": 4.5, "label": "ROSE", "encoding": None, "default": False},
    },
}
