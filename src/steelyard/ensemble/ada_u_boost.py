"""AdaUBoost: unequal weights at the start, and a slower growth for important classes."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from steelyard.core import Floats
from steelyard.ensemble.boosting import Boosting
from steelyard.ensemble.costs import class_betas
from steelyard.ensemble.rows import Rows

__all__ = ["AdaUBoostClassifier"]


class AdaUBoostClassifier(Boosting):
    r"""AdaBoost that starts with unequal class weights and lets them fade round by round.

    When to use it: false negatives of a rare class matter more, and boosting from equal weights ignores it at first.

    Weights start at :math:`\beta_y`; after every round
    :math:`w \leftarrow w \exp(\alpha \, \beta_y^{-1/T} \, [\hat y \ne y])`.
    With all :math:`\beta` one this is AdaBoost.

    Args:
        estimator: the member; a histogram tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        beta: "uniform", "inverse", "log1p-inverse" or the importance of each class (K,), labels in sorted order
            (see `class_betas`).
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
    >>> AdaUBoostClassifier(n_estimators=5, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Karakoulas & Shawe-Taylor (1999), Optimizing Classifiers for Imbalanced Training Sets.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        beta: str | ArrayLike = "inverse",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.beta = beta
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _start(self, rows: Rows) -> Floats:
        return rows.mass * class_betas(rows.counts, self.beta)[rows.y]

    def _growth(self, counts: Floats, vote: float) -> Floats:
        return super()._growth(counts, vote) * class_betas(counts, self.beta) ** (-1 / self.n_estimators)


CARD = {
    "lever": "ensemble",
    "name": "AdaUBoostClassifier",
    "title": "AdaUBoost (unequal initial weights)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Karakoulas & Shawe-Taylor (1999), Optimizing Classifiers for Imbalanced Training Sets",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "AdaUBoost",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
