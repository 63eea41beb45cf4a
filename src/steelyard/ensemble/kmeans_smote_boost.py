"""KMeansSMOTEBoost: boosting whose members see rows interpolated inside clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from steelyard.core import derive
from steelyard.ensemble.rows import Ints, Rows
from steelyard.ensemble.schedules import BalancingSchedule, Target
from steelyard.ensemble.smote_boost import SMOTEBoostClassifier
from steelyard.ensemble.synthesis import ClusteredInterpolation, Interpolation
from steelyard.ensemble.whole import whole

__all__ = ["KMeansSMOTEBoostClassifier"]


class KMeansSMOTEBoostClassifier(SMOTEBoostClassifier):
    r"""AdaBoost that fills the smaller classes with rows interpolated inside clusters where they are at home.

    When to use it: as SMOTEBoost, where rare rows lie in several places and lone ones among other classes should
    not breed.

    All rows are put into `n_clusters` clusters once a fit. For a class that is to grow, clusters count whose share of
    it is at least `share` times its share of all rows (all clusters that hold it, if none does). Cluster f with
    :math:`n_f` of its rows at a mean distance :math:`d_f` of each other gets new rows in proportion to
    :math:`d_f^m / n_f` with m the number of columns, so sparse clusters get more (none less than :math:`e^{-3}` of the
    most favoured); new rows lie between neighbours of one cluster. Errors and weights are taken on all rows.

    Args:
        estimator: the member; a binned tree of depth 5 if None. Its `fit` must take `sample_weight`.
        n_estimators: greatest number of members T.
        learning_rate: factor on every vote.
        target: rows of every class: a number, or one a label; the largest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
        n_clusters: clusters; the root of half the rows, at most 100, if None.
        share: how much of a cluster a class must hold, in units of its share of all rows.
        k_neighbors: neighbours a new row may lie towards.
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
    >>> X, y = make_classification(500, weights=[0.9], flip_y=0, random_state=0)
    >>> KMeansSMOTEBoostClassifier(n_estimators=5, random_state=0).fit(X, y).log_[0]["rows"]
    [451, 451]

    Source: Douzas, Bacao & Last (2018), Improving Imbalanced Learning through a Heuristic Oversampling Method
    based on k-means and SMOTE; as a booster Liu et al. (2023), IMBENS.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        n_clusters: int | None = None,
        share: float = 1.0,
        k_neighbors: int = 5,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.n_clusters = n_clusters
        self.share = share
        self.k_neighbors = k_neighbors
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _between(self, rows: Rows) -> Interpolation:
        neighbours = whole("k_neighbors", self.k_neighbors)
        return ClusteredInterpolation(rows, neighbours, self._clusters(rows), self.share)

    def _clusters(self, rows: Rows) -> Ints:
        """The cluster of every row (n,)."""
        n = min(100, max(2, round(np.sqrt(len(rows.y) / 2)))) if self.n_clusters is None else self.n_clusters
        n = min(whole("n_clusters", n), len(rows.y))
        found = MiniBatchKMeans(n, n_init=1, random_state=derive(self._seed(), "clusters") % 2**31)
        return np.asarray(found.fit_predict(rows.X, sample_weight=rows.mass)).astype(np.int64)


CARD = {
    "lever": "ensemble",
    "name": "KMeansSMOTEBoostClassifier",
    "title": "KMeansSMOTEBoost (boosting with rows interpolated inside clusters)",
    "seeds": ["005", "006"],
    "needs": ["sample_weight"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Douzas, Bacao & Last (2018), Improving Imbalanced Learning through k-means and SMOTE",
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 8,
            "label": "KMeansSMOTEBoost",
            "wraps": False,
            "encoding": "linear",
            "default": False,
        }
    },
}
