"""A shallow decision tree grown from histograms of binned columns: the fast member of boosting."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.binned_tree import BinnedTreeClassifier
from steelyard.ensemble.bins import Bins, Codes, some
from steelyard.ensemble.histograms import Histograms
from steelyard.ensemble.rows import Ints
from steelyard.ensemble.whole import whole

__all__ = ["HistogramTreeClassifier"]

DEEPEST = 12
"""The sums of that many nodes are held at once."""


class HistogramTreeClassifier(BinnedTreeClassifier):
    r"""A shallow decision tree that tries all columns at every split.

    When to use it: as the member of boosting, whose members see all rows in every round. It is what boosting takes by
    default. A node's sums over all codes are its parent's less its sibling's, so only the rows of the smaller child are
    looked at.

    Splits are those of the weighted Gini index, :math:`1 - \sum_k (w_k / w)^2` with the class weights :math:`w_k` and
    their sum :math:`w` at a node. What is left of a split must weigh `min_samples_leaf` times the node's average row.

    Args:
        max_bins: the most bins of a column, 2 to 254.
        max_depth: depth limit, 1 to 12.
        min_samples_leaf: rows a leaf must keep, in weight.
        random_state: nothing is random; scikit-learn's trees have it.

    Attributes:
        tree_: the tree, one of scikit-learn's, with thresholds on values.
        classes_: labels (K,).
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: `max_bins` or `max_depth` out of range.

    >>> from sklearn.datasets import load_breast_cancer
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> HistogramTreeClassifier(max_depth=3).fit(X, y).get_depth()
    3

    Source: Ke et al. (2017), LightGBM: A Highly Efficient Gradient Boosting Decision Tree.
    """

    def __init__(
        self,
        *,
        max_bins: int = 64,
        max_depth: int = 5,
        min_samples_leaf: int = 2,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            max_bins=max_bins,
            max_depth=max_depth,
            min_samples_leaf=min_samples_leaf,
            max_features=None,
            random_state=random_state,
        )

    def bins(self) -> int:
        """The number of bins; all options are checked here, once for all members of a committee."""
        whole("max_depth", self.max_depth, most=DEEPEST)
        whole("min_samples_leaf", self.min_samples_leaf)
        return super().bins()

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

        Members trained on the whole table leave in `kept` how they laid it out, and the leaf of every row.
        """
        self.classes_ = np.flatnonzero(np.bincount(y))
        self.n_classes_, self.n_outputs_, self.n_features_in_ = len(self.classes_), 1, codes.shape[1]
        self.max_features_ = self.n_features_in_
        kept = {} if kept is None else kept
        if "histograms" not in kept:
            kept["histograms"] = self._histograms(bins, codes if rows is None else some(codes, rows))
        weight = np.ones(len(y)) if weight is None else weight
        self.tree_, kept["leaf"] = kept["histograms"].grow(
            np.searchsorted(self.classes_, y), weight, self.n_classes_
        )
        return self

    def _histograms(self, bins: Bins, codes: Codes) -> Histograms:
        return Histograms(bins, codes, depth=self.max_depth, least=self.min_samples_leaf)
