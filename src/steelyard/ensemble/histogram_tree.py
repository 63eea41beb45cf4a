"""A shallow decision tree grown by LightGBM on binned columns: the fast member of boosting."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.binned_tree import BinnedTreeClassifier
from steelyard.ensemble.bins import Bins, Codes
from steelyard.ensemble.histograms import DEEPEST, Histograms
from steelyard.ensemble.rows import Ints
from steelyard.ensemble.whole import whole

__all__ = ["HistogramTreeClassifier"]


class HistogramTreeClassifier(BinnedTreeClassifier):
    r"""A shallow decision tree grown from histograms, not from sorted rows.

    When to use it: as the member of boosting, whose members see all rows in every round. It is what boosting takes by
    default: the table is handed to LightGBM once, and every round costs one pass over its codes.

    For two classes LightGBM fits the labels 0 and 1 by weighted least squares, whose gain
    :math:`\frac{G_l^2}{H_l} + \frac{G_r^2}{H_r} - \frac{G^2}{H}`, with sums of labels G and of weights H, is the
    weighted Gini gain; a leaf says its weighted share of the second class. All columns are tried at every split. What
    is left of a split must weigh `min_samples_leaf` times the node's average row. With more classes the tree is grown
    from sorted codes, as `BinnedTreeClassifier` does.

    Args:
        max_bins: the most bins of a column, 2 to 254.
        max_depth: depth limit, 1 to 12.
        min_samples_leaf: rows a leaf must keep, in weight.
        random_state: seed; with two classes nothing is random.

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
        self, bins: Bins, codes: Codes, y: Ints, weight: Any = None, kept: dict[str, Any] | None = None
    ) -> Self:
        """Fit on rows a committee has binned already, `y` its class positions; `bins` has checked the options.

        Members trained on the same rows and labels leave in `kept` what LightGBM made of them.
        """
        self.classes_ = np.flatnonzero(np.bincount(y))
        if len(self.classes_) != 2:
            return super().fit_codes(bins, codes, y, weight)
        kept = {} if kept is None else kept
        if "histograms" not in kept:
            kept["histograms"] = self._histograms(bins, codes)
        weight = np.ones(len(y)) if weight is None else weight
        return self._taken(kept["histograms"], y == self.classes_[1], weight)

    def _taken(self, histograms: Histograms, positive: Any, weight: Floats) -> Self:
        self.n_classes_, self.n_outputs_, self.n_features_in_ = 2, 1, histograms.bins.edges.shape[0]
        self.max_features_ = self.n_features_in_
        self.tree_ = histograms.grow(positive, weight)
        return self.decode(histograms.bins)

    def _histograms(self, bins: Bins, codes: Codes) -> Histograms:
        return Histograms(bins, codes, depth=self.max_depth, least=self.min_samples_leaf)
