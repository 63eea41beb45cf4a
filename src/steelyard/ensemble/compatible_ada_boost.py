"""AdaBoost (SAMME) with what the other ensembles here can do."""

from __future__ import annotations

from typing import Any

from steelyard.ensemble.boosting import Boosting

__all__ = ["CompatibleAdaBoostClassifier"]


class CompatibleAdaBoostClassifier(Boosting):
    r"""AdaBoost, round for round scikit-learn's, that can be watched, resumed and raced.

    When to use it: as the reference beside RUSBoost, SMOTEBoost or AdaCost, or as the member of a bagging ensemble
    (EasyEnsemble). It does nothing about imbalance, and says so in `training_prior_`.

    Round :math:`i` trains a member on all rows, takes its weighted error :math:`e` and its vote
    :math:`\alpha = \eta (\ln \frac{1 - e}{e} + \ln(K - 1))`, and multiplies the weights of wrong rows by
    :math:`e^\alpha`.

    Args:
        estimator: the member; a histogram tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads for prediction; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        estimator_weights_: their votes (T,).
        estimator_errors_: their weighted errors on all rows (T,).
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on, in their weights (K,).
        log_: for every member, rows and weight of each class, error and vote.
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.9], random_state=0)
    >>> CompatibleAdaBoostClassifier(n_estimators=5, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Zhu et al. (2009), Multi-class AdaBoost.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state


CARD = {
    "lever": "ensemble",
    "name": "CompatibleAdaBoostClassifier",
    "title": "AdaBoost (SAMME)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Zhu et al. (2009), Multi-class AdaBoost",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 4,
            "label": "AdaBoost",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
