"""The balanced random forest: every tree grows on its own balanced bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.bagging import Bagger, Bagging, class_draws
from steelyard.ensemble.binned_tree import BinnedTreeClassifier
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.schedules import Target

__all__ = ["BalancedRandomForestClassifier"]


class BalancedRandomForestClassifier(Bagging):
    """A random forest whose trees each see equally many rows of every class.

    When to use it: a strong default for a rare class when ranking or recall matters and probabilities are
    calibrated afterwards (they refer to a balanced population; see `training_prior_`).

    Every tree gets as many rows of each class as the smallest class has, drawn with replacement, and looks at
    `max_features` columns a split. A tree costs what the rare class costs, not what the table costs.

    Args:
        n_estimators: number of trees.
        criterion: "gini", "entropy" or "log_loss".
        max_depth: depth limit of a tree; None grows until leaves are pure.
        min_samples_leaf: rows a leaf must keep.
        max_features: columns tried a split, as in scikit-learn's trees.
        target: rows of every class: a number, or one a label; the smallest class's if None.
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the trees, trained on class positions.
        feature_importances_: mean impurity importances of the columns (d,).
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        log_: for every member, the rows and the weight of each class it was trained on.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.95], random_state=0)
    >>> forest = BalancedRandomForestClassifier(n_estimators=10, random_state=0).fit(X, y)
    >>> len(forest.estimators_), forest.training_prior_.tolist()
    (10, [0.5, 0.5])

    Source: Chen, Liaw & Breiman (2004), Using Random Forest to Learn Imbalanced Data.
    """

    estimator = None

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_leaf: int | float = 1,
        max_features: int | float | str | None = "sqrt",
        target: Target = None,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.target = target
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    @property
    def feature_importances_(self) -> Floats:
        """Mean impurity importances of the columns (d,)."""
        return np.asarray(np.mean([tree.feature_importances_ for tree in self.estimators_], axis=0))

    def _member(self) -> Any:
        return BinnedTreeClassifier(
            criterion=self.criterion,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.max_features,
        )

    def _bagger(self, rows: Rows) -> Bagger:
        wanted = self._target(rows.counts, rows.counts.min())
        return lambda rng, _i: rows.take(*class_draws(rows, wanted, rng, replacement=True))


CARD = {
    "lever": "ensemble",
    "name": "BalancedRandomForestClassifier",
    "title": "Balanced random forest",
    "seeds": ["005", "006"],
    "needs": [],
    "example": {"n_estimators": 10},
    "since": "0.1",
    "status": "claimed",
    "source": "Chen, Liaw & Breiman (2004), Using Random Forest to Learn Imbalanced Data",
    "facts": {"arm": {"kind": "ensemble", "rank": 5, "label": "balanced random forest", "wraps": False}},
}
