"""k-means as scikit-learn makes it, the same clusters in a fraction of the time."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.cluster import KMeans
from sklearn.utils import check_random_state

from steelyard.resample.lloyd import settled
from steelyard.resample.points import Points
from steelyard.resample.seeding import seeded

__all__: list[str] = []

LARGE = 1_000_000
"""With fewer pairs of a row and a centre scikit-learn's own is quick enough."""


class Clusters(KMeans):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's KMeans: the same seeds from the same draws, the same steps, the same centres.

    Float64 rows without weights are clustered here; whatever rounding leaves open, such as a row with two nearest
    centres, is scikit-learn's, from the same seeds on.

    >>> X = np.random.default_rng(0).normal(size=(4000, 3))
    >>> ours, theirs = (kind(300, random_state=0).fit(X) for kind in (Clusters, KMeans))
    >>> np.array_equal(ours.labels_, theirs.labels_), np.allclose(ours.cluster_centers_, theirs.cluster_centers_)
    (True, True)
    """

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Cluster rows X (n, d)."""
        if not self._plain(X, sample_weight):
            super().fit(X, y, sample_weight)
            return self
        random_state = check_random_state(self.random_state)
        before = random_state.get_state()
        mean = X.mean(axis=0)
        centred = X - mean
        points = Points(centred)
        seeds = seeded(centred, points, self.n_clusters, random_state)
        if seeds is None:
            random_state.set_state(before)
            super().fit(X)
            return self
        tolerance = self.tol * float(np.mean(np.var(X, axis=0)))
        lloyd = None if seeds.tied else settled(centred, points, seeds, tolerance, self.max_iter)
        started = KMeans(**self.get_params()).set_params(init=X[seeds.rows], n_init=1)
        # fitted on its seeds alone it still has all that belongs to a fitted one
        started.fit(X if lloyd is None else X[seeds.rows])
        for name in set(vars(started)) - set(self.get_params()):
            setattr(self, name, getattr(started, name))
        if lloyd is not None:
            self.cluster_centers_, self.labels_ = lloyd.centres + mean, lloyd.labels.astype(np.int32)
            self.inertia_, self.n_iter_ = float(lloyd.squared.sum()), lloyd.rounds
        return self

    def _plain(self, X: Any, sample_weight: Any) -> bool:
        dense = isinstance(X, np.ndarray) and X.dtype == np.float64 and X.ndim == 2 and sample_weight is None
        usual = isinstance(self.init, str) and self.init == "k-means++" and self.n_init in ("auto", 1)
        large = dense and X.shape[0] * self.n_clusters >= LARGE and X.shape[0] >= self.n_clusters > 1
        return bool(
            large and usual and self.algorithm == "lloyd" and not self.verbose and np.isfinite(X).all()
        )
