"""A decision tree on binned columns: the fast member of every ensemble here."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from steelyard.core import Floats
from steelyard.ensemble.bins import MOST, Bins, Codes
from steelyard.ensemble.growing import Limits, grown
from steelyard.ensemble.rows import Ints, Rows
from steelyard.ensemble.whole import whole

__all__ = ["BinnedTreeClassifier"]


class BinnedTreeClassifier(DecisionTreeClassifier):  # type: ignore[misc]  # scikit-learn ships no types
    r"""scikit-learn's decision tree, grown on columns cut into bins.

    When to use it: as the member of an ensemble. It is what the ensembles here take by default: they bin their
    table once and every member sorts small whole numbers. `max_features="sqrt"` tries a few columns a split, as the
    trees of a random forest do; None gives a tree that tries all of them.

    Bins are quantiles, equally many of every class, so a rare class has its share of the edges; a column with no
    more than `max_bins` distinct values loses nothing. Thresholds are stored as values, so the fitted tree
    predicts like any other tree of scikit-learn.

    Args:
        max_bins: the most bins of a column, 2 to 254.
        criterion: "gini", "entropy" or "log_loss".
        max_depth: depth limit; None grows until leaves are pure.
        min_samples_leaf: distinct rows a leaf must keep.
        max_features: columns tried a split, as in scikit-learn's trees.
        random_state: seed.

    Attributes:
        tree_: the tree, with thresholds on values.
        classes_: labels (K,).
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: `max_bins` out of range.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> BinnedTreeClassifier(random_state=0).fit(X, y).predict([[5.0, 3.5, 1.4, 0.2]])
    array([0])

    Source: Breiman et al. (1984), Classification and Regression Trees; bins as in LightGBM (Ke et al. 2017).
    """

    def __init__(
        self,
        *,
        max_bins: int = 64,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_leaf: int | float = 2,
        max_features: int | float | str | None = "sqrt",
        random_state: Any = None,
    ) -> None:
        super().__init__(
            criterion=criterion,
            max_depth=max_depth,
            min_samples_leaf=min_samples_leaf,
            max_features=max_features,
            random_state=random_state,
        )
        self.max_bins = max_bins

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        check_input: bool = True,  # noqa: ARG002 - scikit-learn's trees have it
    ) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,); sparse rows are not binned."""
        checked, labels = validate_data(
            self, X, y, dtype=np.float32, accept_sparse="csr", ensure_all_finite="allow-nan"
        )
        check_classification_targets(labels)
        names = getattr(self, "feature_names_in_", None)
        weight = _check_sample_weight(sample_weight, checked, dtype=np.float64, ensure_non_negative=True)
        kept = np.flatnonzero(weight)
        known, classes = np.unique(labels[kept], return_inverse=True)
        rows = Rows.of(checked[kept], classes.astype(np.int64), weight[kept], merge=True).compact()
        if sparse.issparse(rows.X):
            super().fit(rows.X, known[rows.y], rows.mass)
        else:
            bins = rows.cut(self.bins())
            self.fit_codes(bins, bins.encode(rows.X), rows.y, rows.mass)
            self.classes_ = known
        if names is not None:
            self.feature_names_in_ = names
        return self

    def __sklearn_tags__(self) -> Any:
        """One label a row."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = tags.classifier_tags.multi_label = False
        return tags

    def bins(self) -> int:
        """The number of bins; all options are checked here, once for all members of a committee."""
        self._validate_params()
        return whole("max_bins", self.max_bins, least=2, most=MOST)

    def fit_codes(
        self,
        bins: Bins,
        codes: Codes,
        y: Ints,
        weight: Floats | None = None,
        rows: Ints | None = None,
        kept: dict[str, Any] | None = None,
    ) -> Self:
        """Fit on rows a committee has binned already, `y` its class positions; `bins` has checked the options.

        Args:
            bins: the bins of the columns.
            codes: the codes of a table (n, d).
            y: class positions of the rows to train on (m,).
            weight: weights of these (m,); None for all the same.
            rows: positions of these in the table (m,); None for all as they are.
            kept: where members trained on the whole table leave what they found: the leaf of every row.
        """
        self.classes_ = np.flatnonzero(np.bincount(y))
        positions = y if self.classes_[-1] == len(self.classes_) - 1 else np.searchsorted(self.classes_, y)
        self.n_classes_, self.n_outputs_, self.n_features_in_ = len(self.classes_), 1, codes.shape[1]
        self.max_features_ = columns_tried(self.max_features, codes.shape[1])
        leaf = np.empty(0 if kept is None else len(y), dtype=np.int64)
        if kept is not None:
            kept["leaf"] = leaf
        rows = np.arange(len(y)) if rows is None else rows
        if weight is None or bool((weight == weight[0]).all()):
            weight = np.ones(len(y))  # alike for all rows, which a tree need not know
        self.tree_ = grown(
            bins,
            np.ascontiguousarray(codes.T),
            rows,
            positions,
            weight,
            self.n_classes_,
            self._limits(len(y)),
            self._start(),
            leaf,
        )
        return self

    def _limits(self, n: int) -> Limits:
        """What bounds the growth of a tree on `n` rows."""
        least = self.min_samples_leaf
        return Limits(
            self.max_features_,
            int(least) if isinstance(least, int | np.integer) else int(np.ceil(least * n)),
            np.iinfo(np.int32).max if self.max_depth is None else int(self.max_depth),
            self.criterion != "gini",
        )

    def _start(self) -> int:
        """The seed of the draws of columns, as scikit-learn's trees take it from their generator."""
        return int(_random(self.random_state).randint(0, 2**31 - 1))

    def decode(self, bins: Bins) -> Self:
        """Turn thresholds that are codes into thresholds on values."""
        cuts: Floats = self.tree_.threshold
        at = np.flatnonzero((self.tree_.children_left >= 0) & np.isfinite(cuts))
        cuts[at] = bins.edges[self.tree_.feature[at], cuts[at].astype(np.int64)]
        return self


def _random(state: Any) -> np.random.RandomState:
    """A generator as scikit-learn's trees take it; starting one of this kind takes a tenth of the time."""
    whole_number = isinstance(state, int | np.integer)
    return np.random.RandomState(np.random.PCG64(int(state))) if whole_number else check_random_state(state)


def columns_tried(wanted: int | float | str | None, n_columns: int) -> int:
    """How many columns a split looks at, as scikit-learn's trees count them.

    >>> [columns_tried(wanted, 30) for wanted in (None, "sqrt", "log2", 0.5, 7)]
    [30, 5, 4, 15, 7]
    """
    if wanted is None:
        return n_columns
    if isinstance(wanted, int | np.integer):
        return int(wanted)
    shares = {"sqrt": np.sqrt(n_columns), "log2": np.log2(n_columns)}
    return max(1, int(shares[wanted] if isinstance(wanted, str) else wanted * n_columns))
