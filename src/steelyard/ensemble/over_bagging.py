"""OverBagging: bagging on bags filled up to the largest class."""

from __future__ import annotations

from steelyard.core import Floats
from steelyard.ensemble.bagging import BalancedBagging

__all__ = ["OverBaggingClassifier"]


class OverBaggingClassifier(BalancedBagging):
    """Bagging whose bags hold as many rows of every class as the largest class has.

    When to use it: small tables, where under-sampling would leave too little to learn from; members cost more
    than those of UnderBagging by the imbalance ratio.

    Every bag draws its rows class by class, with replacement.

    Args:
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of bags.
        target: rows of every class: a number, or one a label; the largest class's if None.
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
    >>> X, y = make_classification(500, weights=[0.95], flip_y=0, random_state=0)
    >>> OverBaggingClassifier(n_estimators=2, random_state=0).fit(X, y).log_[0]["rows"]
    [475, 475]

    Source: Wang & Yao (2009), Diversity Analysis on Imbalanced Data Sets by Using Ensemble Models.
    """

    def _usual(self, counts: Floats) -> float:
        return float(counts.max())


CARD = {
    "lever": "ensemble",
    "name": "OverBaggingClassifier",
    "title": "OverBagging (bagging with random over-sampling)",
    "seeds": ["005", "006"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Wang & Yao (2009), Diversity Analysis on Imbalanced Data Sets by Using Ensemble Models",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 6,
            "label": "OverBagging",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
