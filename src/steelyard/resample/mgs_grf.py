"""MGS-GRF: numbers from local normal distributions, categories from a forest that looks at them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier

from steelyard.core import DataError, Floats, UsageError
from steelyard.resample.base import positive_integer
from steelyard.resample.categories import column_block, mixed_columns, number_block, side_by_side
from steelyard.resample.containers import take
from steelyard.resample.per_class import PerClassSampler
from steelyard.resample.plan import Ints, Made, is_sparse
from steelyard.resample.search import neighbours_within
from steelyard.resample.strategy import Strategy

__all__ = ["MGSGRF"]


class MGSGRF(PerClassSampler):
    r"""Draw numbers from normal distributions fitted around rows, then categories of a row that a forest finds alike.

    When to use it: mixed tables where categories and numbers depend on each other. Unlike SMOTENC it never makes a
    combination of categories that did not occur. A category may be missing, a number may not.

    Around row :math:`i` of the class, with its K nearest rows by the numbers (:math:`i` included,
    :math:`N_i`): mean :math:`\mu_i` and covariance
    :math:`\Sigma_i = \frac{\lambda}{K + 1} \sum_{j \in N_i} (x_j - \mu_i)(x_j - \mu_i)^\top`. A new row takes its
    numbers from :math:`\mathcal N(\mu_i, \Sigma_i)`, :math:`i` at random, and all its categories from one row of the
    class, drawn with the weights of a random forest that predicts the categories from the numbers: a tree at
    random, then a row at random in the leaf the numbers fall into. Without category columns it is MGS alone.

    Of a new row with :math:`d` numbers and :math:`c` categories the donor of the categories owns the share
    :math:`c / (c + d)`, the rows of :math:`N_i` the rest in equal parts.

    Args:
        categorical_features: positions, names or a mask of the category columns; "auto" takes text, category and
            boolean columns; None means there are none.
        sampling_strategy: see `sampling_targets`.
        random_state: seed.
        n_neighbors: K; None takes the number of number columns.
        forest: an unfitted forest with `apply`; None is RandomForestClassifier().
        dilation: the factor lambda; more spreads rows wider.

    Raises:
        UsageError: an option out of range, or columns that do not exist.
        DataError: no number columns.
        ValueError: number columns that hold none, or miss some.

    >>> import pandas as pd
    >>> X = pd.DataFrame({"x": [0.0, 1, 2, 3, 4, 9, 10, 20, 21], "colour": list("rrggrbbgg")})
    >>> rows, y = MGSGRF(random_state=0).fit_resample(X, [0] * 5 + [1] * 4)
    >>> set(rows["colour"][9:]) <= {"b", "g"}, len(rows)
    (True, 10)

    Source: Sakho, Malherbe, Gauthier, Scornet (2025), Harnessing mixed features for imbalance data oversampling.
    """

    _takes_any_columns: ClassVar[bool] = True
    _takes_holes: ClassVar[bool] = False
    _takes_sparse: ClassVar[bool] = False

    def __init__(
        self,
        *,
        categorical_features: Any = "auto",
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        n_neighbors: int | None = None,
        forest: Any = None,
        dilation: float = 1.0,
    ) -> None:
        self.categorical_features = categorical_features
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.forest = forest
        self.dilation = dilation

    def _check_options(self) -> None:
        if self.n_neighbors is not None:
            positive_integer(self.n_neighbors, "n_neighbors")
        if not 0 <= self.dilation < np.inf:
            raise UsageError(f"dilation={self.dilation!r} was given, expected a number from 0 up")
        if self.forest is not None and not hasattr(self.forest, "apply"):
            raise UsageError(
                f"forest={self.forest!r} has no apply; pass a forest such as RandomForestClassifier()"
            )

    def _check_rows(self, X: Any) -> None:
        if is_sparse(X):
            raise DataError(
                "MGSGRF got a sparse matrix, which cannot hold categories; pass an array or a frame"
            )
        self.continuous_features_, self.categorical_features_ = mixed_columns(X, self.categorical_features)
        if not len(self.continuous_features_):
            raise DataError(f"MGSGRF found no number column among {self.n_features_in_}; use SMOTEN")
        self._numbers: Floats = number_block(X, self.continuous_features_)

    def _make(self, X: Any, y: Ints, rows: Ints, wanted: int, random_state: np.random.RandomState) -> Made:
        code, members = int(y[rows[0]]), self._numbers[rows]
        d, c = len(self.continuous_features_), len(self.categorical_features_)
        near, k = neighbours_within(members, self.n_neighbors or d)
        if near.shape[1] < k:
            self._notice(f"{self._class(code)} has {len(rows)} rows, too few for {k} neighbours")
        start = random_state.randint(len(rows), size=wanted)
        around = np.column_stack([np.arange(len(rows)), near])
        numbers = self._drawn(members, around, start, random_state)
        donor, names = start, np.empty((wanted, 0), dtype=object)
        if c:
            known = column_block(take(X, rows), self.categorical_features_)
            donor = self._donors(members, known, numbers, random_state)
            names = known[donor]
        made = (
            numbers
            if not c
            else side_by_side(X, self.continuous_features_, numbers, self.categorical_features_, names)
        )
        parents = _parents(rows[around[start]], rows[donor], d / (c + d), len(y))
        return Made(made, np.full(wanted, code, dtype=np.int64), rows[start], parents)

    def _drawn(
        self, members: Floats, around: Ints, start: Ints, random_state: np.random.RandomState
    ) -> Floats:
        """One draw from the normal distribution around each start.

        A sum of the centred neighbours with independent normal weights has just their covariance.
        """
        size = around.shape[1]
        weight = random_state.normal(size=(len(start), size)) * np.sqrt(self.dilation / size)
        weight += (1 - weight.sum(axis=1, keepdims=True)) / size
        made = np.empty((len(start), members.shape[1]))
        order = np.argsort(start, kind="stable")
        ends = np.cumsum(np.bincount(start, minlength=len(around)))
        for centre, mine in enumerate(np.split(order, ends[:-1])):
            made[mine] = weight[mine] @ members[around[centre]]
        return made

    def _donors(
        self, members: Floats, known: Any, numbers: Floats, random_state: np.random.RandomState
    ) -> Ints:
        """For every new row the position of the row whose categories it takes."""
        codes = np.column_stack([_coded(column) for column in known.T])
        forest = RandomForestClassifier() if self.forest is None else clone(self.forest)
        seeds = [name for name in forest.get_params() if name == "random_state"]
        forest.set_params(**{name: random_state.randint(np.iinfo(np.int32).max) for name in seeds})
        forest.fit(members, codes[:, 0] if codes.shape[1] == 1 else codes)
        home, place = forest.apply(members), forest.apply(numbers)
        tree = random_state.randint(home.shape[1], size=len(numbers))
        luck = random_state.uniform(size=len(numbers))
        donor = np.empty(len(numbers), dtype=np.int64)
        for number in np.unique(tree):
            mine = np.flatnonzero(tree == number)
            order = np.argsort(home[:, number], kind="stable")
            leaves = home[order, number]
            first = np.searchsorted(leaves, place[mine, number], side="left")
            count = np.searchsorted(leaves, place[mine, number], side="right") - first
            donor[mine] = order[first + (luck[mine] * count).astype(np.int64)]
        return donor

    def _repeated(self, X: Any, start: Ints) -> Any:
        return column_block(take(X, start), np.arange(self.n_features_in_))


def _coded(column: Any) -> Ints:
    """Whole numbers for the values of a column; missing values are one more value."""
    import pandas as pd

    return np.asarray(pd.factorize(column, use_na_sentinel=False)[0], dtype=np.int64)


def _parents(around: Ints, donor: Ints, share: float, n: int) -> sparse.csr_array:
    m, size = around.shape
    data = np.column_stack([np.full((m, size), share / size), np.full(m, 1 - share)])
    columns = np.column_stack([around, donor])
    found = sparse.csr_array(
        (data.ravel(), columns.ravel(), np.arange(0, m * (size + 1) + 1, size + 1)), shape=(m, n)
    )
    found.sum_duplicates()
    found.eliminate_zeros()
    return found


CARD = {
    "lever": "resample",
    "name": "MGSGRF",
    "title": "MGS-GRF: local normal distributions for numbers, a forest for categories",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Sakho, Malherbe, Gauthier, Scornet (2025), Harnessing mixed features for imbalance data oversampling",
    "facts": {
        "kind": "over",
        "arm": {"kind": "resampler", "rank": 6, "label": "MGS-GRF", "encoding": "linear", "default": False},
    },
}
