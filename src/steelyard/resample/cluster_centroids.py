"""Replace the rows of a large class by the centres of its clusters."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from steelyard.core import UsageError
from steelyard.resample.base import BaseSampler
from steelyard.resample.clusters import Clusters
from steelyard.resample.per_class import dense
from steelyard.resample.plan import Ints, Made, Plan, is_sparse
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["ClusterCentroids"]


class ClusterCentroids(BaseSampler):
    """Cluster every class that has too many rows and keep one row a cluster: its centre, or the row nearest to it.

    When to use it: to shrink a large class without losing its shape, when clustering is affordable. A centre's
    parents are the rows of its cluster in equal shares; it counts as started from the nearest of them.

    Args:
        sampling_strategy: see `sampling_targets`.
        random_state: seed of the clustering.
        estimator: an unfitted clustering estimator with `n_clusters` and `cluster_centers_`; None is KMeans,
            whose clusters are found with a fraction of the distances.
        voting: "soft" makes centres, "hard" keeps the nearest rows, "auto" is hard for sparse rows.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [10.0], [11.0], [5.0], [6.0]])
    >>> rows, y = ClusterCentroids(random_state=0).fit_resample(X, [0, 0, 0, 0, 1, 1])
    >>> sorted(rows.ravel().tolist()), y
    ([0.5, 5.0, 6.0, 10.5], [0, 0, 1, 1])

    Source: Yen, Lee (2009), Cluster-based under-sampling approaches for imbalanced data distributions.
    """

    _sampling_type: ClassVar[Kind] = "under-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        estimator: Any = None,
        voting: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.estimator = estimator
        self.voting = voting

    def _check_options(self) -> None:
        if self.voting not in ("auto", "hard", "soft"):
            raise UsageError(f"voting={self.voting!r} was given, expected 'auto', 'hard' or 'soft'")
        if self.estimator is not None and "n_clusters" not in self.estimator.get_params():
            raise UsageError(
                f"estimator={self.estimator!r} has no n_clusters; pass a clustering estimator with n_clusters and "
                "cluster_centers_, such as KMeans"
            )

    def _plan(self, X: Any, y: Ints) -> Plan:
        self.estimator_ = (
            Clusters(random_state=self.random_state) if self.estimator is None else clone(self.estimator)
        )
        self.voting_ = ("hard" if is_sparse(X) else "soft") if self.voting == "auto" else self.voting
        order, parts, made = [], [], 0
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            if code not in self._wanted:
                order.append(rows)
            elif self.voting_ == "hard":
                self._cluster(X[rows], self._wanted[code])
                order.append(rows[self._nearest(X[rows])])
            else:
                parts.append(self._centres(X, rows, int(code), self._wanted[code], len(y)))
                order.append(len(y) + made + np.arange(len(parts[-1].codes)))
                made += len(parts[-1].codes)
        return Plan(len(y), np.concatenate(order), Made.joined(parts))

    def _cluster(self, members: Any, number: int) -> None:
        self.estimator_.set_params(n_clusters=number).fit(members)
        if not hasattr(self.estimator_, "cluster_centers_"):
            raise UsageError(
                f"estimator={self.estimator!r} left no cluster_centers_ after fit; pass one that does, such as KMeans"
            )

    def _nearest(self, members: Any) -> Ints:
        search = NearestNeighbors(n_neighbors=1).fit(members)
        near = search.kneighbors(self.estimator_.cluster_centers_, return_distance=False)[:, 0]
        return np.asarray(near, dtype=np.int64)

    def _centres(self, X: Any, rows: Ints, code: int, number: int, n: int) -> Made:
        self._cluster(X[rows], number)
        centres = self.estimator_.cluster_centers_
        cluster = getattr(self.estimator_, "labels_", None)
        if cluster is None:
            cluster = self.estimator_.predict(X[rows])
        size = np.bincount(cluster, minlength=len(centres))
        away = dense(X, rows) - centres[cluster]
        by_cluster = np.lexsort((np.einsum("ij,ij->i", away, away), cluster))
        start = rows[by_cluster[np.minimum(np.cumsum(size) - size, len(rows) - 1)]]
        empty = np.flatnonzero(size == 0)
        if len(empty):  # a centre without rows has the row nearest to it for a parent
            start[empty] = rows[self._nearest(X[rows])[empty]]
        share = np.concatenate([1 / size[cluster], np.ones(len(empty))])
        where = (np.concatenate([cluster, empty]), np.concatenate([rows, start[empty]]))
        parents = sparse.csr_array((share, where), shape=(len(centres), n))
        made = sparse.csr_matrix(centres, dtype=X.dtype) if is_sparse(X) else centres
        return Made(made, np.full(len(centres), code, dtype=np.int64), start, parents)


CARD = {
    "lever": "resample",
    "name": "ClusterCentroids",
    "title": "centres of clusters",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0, "voting": "soft"},
    "since": "0.1",
    "status": "claimed",
    "source": "Yen, Lee (2009), Cluster-based under-sampling approaches for imbalanced data distributions",
    "facts": {"kind": "under"},
}
