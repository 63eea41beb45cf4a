"""AdaCost: what a mistake costs decides how fast its weight grows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats
from steelyard.ensemble.boosting import Boosting
from steelyard.ensemble.costs import class_costs

__all__ = ["AdaCostClassifier"]


class AdaCostClassifier(Boosting):
    r"""AdaBoost in which a row's cost decides how fast its weight grows when wrong and shrinks when right.

    When to use it: mistakes have known costs, or rare classes should weigh more, and a boosted committee fits. The
    publication's choice of factors has been criticised (Ting 2000); a plain model and a decision by costs is the
    simpler thing to try first.

    After every round :math:`w \leftarrow w \exp(\alpha \beta_-)` where the member is wrong and
    :math:`w \leftarrow w \exp(-\alpha \beta_+)` where it is right, with
    :math:`\beta_\pm = \frac{1}{2} \mp \frac{c}{2}`. Here c is the cost of the mistake made, or for rows that are right
    of the dearest one possible, over the largest cost of all: only ratios of costs matter. With all costs alike this is
    AdaBoost. Rows start with their own weights; to start from costs too, give them as `sample_weight`.

    The vote :math:`\alpha` is SAMME's, from the weighted error, so that there may be many classes. IMBENS has another
    update under this name: rows that are right stay as they are, and wrong ones grow by :math:`e^{\alpha c}`, which for
    cheap mistakes is next to nothing.

    Args:
        estimator: the member; a histogram tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        cost: "uniform", "inverse", "log1p-inverse" or a matrix (K, K) of costs, rows = predicted, columns =
            true, labels in sorted order (see `class_costs`).
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
    >>> AdaCostClassifier(n_estimators=5, random_state=0).fit(X, y).predict_proba(X).shape
    (500, 2)

    Source: Fan et al. (1999), AdaCost: Misclassification Cost-sensitive Boosting.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        cost: str | ArrayLike = "inverse",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.cost = cost
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _growth(self, counts: Floats, vote: float) -> Floats:
        same = np.eye(len(counts), dtype=bool)
        costs = class_costs(counts, self.cost) * ~same
        costs /= costs.max()
        return np.asarray(vote / 2 * np.where(same, costs.max(axis=0) - 1, costs + 1))


CARD = {
    "lever": "ensemble",
    "name": "AdaCostClassifier",
    "title": "AdaCost (boosting with cost-adjusted updates)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Fan et al. (1999), AdaCost: Misclassification Cost-sensitive Boosting",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "AdaCost",
            "wraps": False,
            "encoding": "tree",
            "default": False,
        }
    },
}
