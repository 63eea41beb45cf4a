"""Bagging with what the other ensembles here can do."""

from __future__ import annotations

from steelyard.core import Floats
from steelyard.ensemble.bagging import BalancedBagging

__all__ = ["CompatibleBaggingClassifier"]


class CompatibleBaggingClassifier(BalancedBagging):
    """Bagging whose bags keep the classes' sizes, or take those you name.

    When to use it: as the reference beside UnderBagging and OverBagging, which differ from it in the sizes alone;
    or with a `target` between the two.

    Every bag draws its rows class by class, with replacement.

    Args:
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of bags.
        target: rows of every class: a number, or one a label; each class's own size if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, bag, bags).
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
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> model = CompatibleBaggingClassifier(n_estimators=2, target={1: 200}, random_state=0).fit(X, y)
    >>> model.log_[0]["rows"]
    [451, 200]

    Source: Breiman (1996), Bagging Predictors.
    """

    def _usual(self, counts: Floats) -> Floats:
        return counts


CARD = {
    "lever": "ensemble",
    "name": "CompatibleBaggingClassifier",
    "title": "Bagging, class by class",
    "seeds": ["005", "006"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Breiman (1996), Bagging Predictors",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 4,
            "label": "bagging",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
