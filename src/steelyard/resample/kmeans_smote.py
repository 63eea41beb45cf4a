"""SMOTE inside the clusters where a class is at home."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.metrics import pairwise_distances_chunked
from threadpoolctl import threadpool_limits

from steelyard.core import DataError
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.smote import SMOTE, VERY_RARE
from steelyard.resample.strategy import Strategy

__all__ = ["KMeansSMOTE"]


class KMeansSMOTE(SMOTE):
    r"""Cluster all rows, then apply SMOTE in the clusters that hold enough of the class.

    When to use it: when a class consists of several islands, so that lines between them would cross others. A
    cluster takes part when the class's share reaches `cluster_balance_threshold` and it has more than
    `k_neighbors` rows of it; the sparser it is, :math:`\bar d^{\,e} / m` for mean distance :math:`\bar d` of
    its m rows, the more rows it gets. Rounding up may add a few rows more than asked.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed; the same seed makes the same rows as imbalanced-learn.
        k_neighbors: neighbours to draw lines to, or an unfitted neighbour search (of one more).
        n_jobs: kept for imbalanced-learn's signature.
        kmeans_estimator: number of clusters, or an unfitted clustering estimator; None is MiniBatchKMeans().
        cluster_balance_threshold: "auto" is half of the class's part of the rows to add.
        density_exponent: the exponent e; "auto" is 0.16 log_1.6(m)^1.8.

    Raises:
        UsageError: an option out of range.
        DataError: no cluster holds enough of a class of more than 10 rows; a rarer one is grown as by SMOTE.

    >>> rng = np.random.default_rng(0)
    >>> X = np.r_[rng.normal(size=(60, 2)), rng.normal(size=(20, 2)) + 8]
    >>> KMeansSMOTE(random_state=0, kmeans_estimator=2).fit_resample(X, np.repeat([0, 1], [60, 20]))[0].shape
    (120, 2)

    Source: Last, Douzas, Bacao (2017), Oversampling for imbalanced learning based on k-means and SMOTE.
    """

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        k_neighbors: Any = 2,
        n_jobs: int | None = None,
        kmeans_estimator: Any = None,
        cluster_balance_threshold: Any = "auto",
        density_exponent: Any = "auto",
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, k_neighbors=k_neighbors
        )
        self.n_jobs = n_jobs
        self.kmeans_estimator = kmeans_estimator
        self.cluster_balance_threshold = cluster_balance_threshold
        self.density_exponent = density_exponent

    def _plan(self, X: Any, y: Ints) -> Plan:
        self.kmeans_estimator_ = self._clusterer()
        parts = []
        for code, wanted in self._wanted.items():
            if not wanted:
                continue
            with threadpool_limits(1):  # batches are too small to share among threads
                cluster = self.kmeans_estimator_.fit_predict(X)
            homes, rows = self._homes(y, cluster, code, wanted), np.flatnonzero(y == code)
            if not homes and len(rows) <= VERY_RARE:
                parts.append(self._simply(X, rows, wanted, code, "no cluster holds enough of them"))
                continue
            self._check_homes(homes, code, wanted)
            sparsity = np.array([self._sparsity(X[rows]) for rows in homes])
            if not sparsity.any():  # every cluster consists of copies of one row
                sparsity[:] = 1
            for rows, weight in zip(homes, sparsity / sparsity.sum(), strict=True):
                near = self._near(X[rows], code)
                parts.append(self._lines(X, rows, rows, near, math.ceil(wanted * weight), code))
        return Plan.adding(len(y), parts)

    def _clusterer(self) -> Any:
        given = self.kmeans_estimator
        if given is None:
            return MiniBatchKMeans(random_state=self.random_state)
        if isinstance(given, int | np.integer):
            return MiniBatchKMeans(n_clusters=int(given), random_state=self.random_state)
        return clone(given)

    def _homes(self, y: Ints, cluster: Ints, code: int, wanted: int) -> list[Ints]:
        """The rows of the class in each cluster that takes part."""
        enough, threshold = self._least(wanted)
        homes = []
        for number in range(self.kmeans_estimator_.n_clusters):
            inside = np.flatnonzero(cluster == number)
            rows = inside[y[inside] == code]
            if len(inside) and len(rows) / len(inside) >= threshold and len(rows) >= enough:
                homes.append(rows)
        return homes

    def _check_homes(self, homes: list[Ints], code: int, wanted: int) -> None:
        if not homes:
            enough, threshold = self._least(wanted)
            raise DataError(
                f"no cluster holds {enough} rows of {self._class(code)} and a share of at least "
                f"{threshold:.3g}; lower cluster_balance_threshold or change the number of clusters"
            )

    def _least(self, wanted: int) -> tuple[int, float]:
        """How many rows of the class a cluster must hold, and which share of its rows they must be."""
        threshold = self.cluster_balance_threshold
        if self.kmeans_estimator_.n_clusters == 1:
            threshold = -np.inf
        elif threshold == "auto":
            threshold = wanted / sum(self._wanted.values()) / 2
        return check_neighbours(self.k_neighbors, "k_neighbors") + 1, float(threshold)

    def _sparsity(self, members: Any) -> float:
        m = members.shape[0]
        total = sum(float(part.sum()) for part in pairwise_distances_chunked(members))
        exponent = self.density_exponent
        if exponent == "auto":
            exponent = math.log(m, 1.6) ** 1.8 * 0.16
        return float((total / (m * m - m)) ** exponent / m)


CARD = {
    "lever": "resample",
    "name": "KMeansSMOTE",
    "title": "SMOTE inside clusters",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0, "kmeans_estimator": 12, "cluster_balance_threshold": 0.1},
    "since": "0.1",
    "status": "claimed",
    "source": "Last, Douzas, Bacao (2017), Oversampling for imbalanced learning based on k-means and SMOTE",
    "facts": {"kind": "over"},
}
