"""EasyEnsemble: boosted members on balanced bags."""

from __future__ import annotations

from typing import Any

from steelyard.ensemble.bagging import Bagger, Bagging, class_draws
from steelyard.ensemble.binned_tree import BinnedTreeClassifier
from steelyard.ensemble.compatible_ada_boost import CompatibleAdaBoostClassifier
from steelyard.ensemble.rows import Rows
from steelyard.ensemble.schedules import Target

__all__ = ["EasyEnsembleClassifier"]


class EasyEnsembleClassifier(Bagging):
    """Balanced bags, each given to AdaBoost, voting with their mean probability.

    When to use it: a rare class with simple structure, and a high balanced accuracy or recall wanted; its
    probabilities are pulled towards one half and need calibration.

    Every bag holds all rows of the smallest class and an equally large random part (without replacement) of
    every other class.

    Args:
        estimator: the member; AdaBoost of ten binned trees of depth 5 if None.
        n_estimators: number of bags.
        target: rows of every class: a number, or one a label; the smallest class's if None.
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        log_: for every member, the rows and the weight of each class it was trained on.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.95], random_state=0)
    >>> EasyEnsembleClassifier(n_estimators=5, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Liu, Wu & Zhou (2009), Exploratory Undersampling for Class-Imbalance Learning.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        target: Target = None,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.target = target
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _member(self) -> Any:
        if self.estimator is not None:
            return self.estimator
        return CompatibleAdaBoostClassifier(estimator=BinnedTreeClassifier(max_depth=5), n_estimators=10)

    def _bagger(self, rows: Rows) -> Bagger:
        wanted = self._target(rows.counts, rows.counts.min())
        return lambda rng, _i: rows.take(*class_draws(rows, wanted, rng, replacement=False))


CARD = {
    "lever": "ensemble",
    "name": "EasyEnsembleClassifier",
    "title": "EasyEnsemble (AdaBoost on balanced bags)",
    "seeds": ["005", "006", "021"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu, Wu & Zhou (2009), Exploratory Undersampling for Class-Imbalance Learning",
    "facts": {
        "arm": {"kind": "ensemble", "rank": 7, "label": "EasyEnsemble", "wraps": False, "encoding": "linear"}
    },
}
