"""scikit-learn's own answer for single rows, as it would give it in one search for all of them."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from sklearn.neighbors import NearestNeighbors

from steelyard.resample.neighbours import check_neighbours, searcher
from steelyard.resample.plan import Ints, is_sparse

__all__ = ["Reference"]

CHUNK = 256
"""Rows scikit-learn takes at once; with more than four chunks a thread it splits the queries, not the data."""
TREE_COLUMNS = 15
"""Up to this many columns scikit-learn grows a tree."""


class Reference:
    """Nearest rows with the very ties and rounding of a scikit-learn search over all of `X`.

    Args:
        X: the rows to search among.
        neighbours: how many neighbours besides the row itself, or an unfitted search.
    """

    def __init__(self, X: Any, neighbours: Any, *, n_jobs: int | None = None) -> None:
        self.X = X
        self.k = min(check_neighbours(neighbours, "n_neighbors"), X.shape[0] - 1)
        self.search = searcher(neighbours, X.shape[0], n_jobs=n_jobs)
        self._fitted = False

    @property
    def plain(self) -> bool:
        """Whether this is a Euclidean search of dense rows, which blocked products can stand in for."""
        search = self.search
        default = type(search) is NearestNeighbors and search.metric in ("minkowski", "euclidean")
        return bool(default and search.p == 2 and search.algorithm == "auto" and not is_sparse(self.X))

    @property
    def tree(self) -> bool:
        """Whether scikit-learn would grow a tree."""
        return bool(self.X.shape[1] <= TREE_COLUMNS and self.search.n_neighbors < self.X.shape[0] // 2)

    def near(self, rows: Ints, asked: Ints) -> Ints:
        """The nearest of `rows` (q, k + 1), mostly themselves first, as one search for all of `asked` finds them."""
        if not len(rows):
            return np.empty((0, self.k + 1), dtype=np.int64)
        if not self._fitted:
            self.search.fit(self.X)
            self._fitted = True
        if not self.plain or self.tree:
            return self._search(rows)
        threshold = 4 * CHUNK * joblib.cpu_count()
        if 4 * CHUNK < len(asked) <= threshold:
            place = np.searchsorted(asked, rows)
            return self._search(asked)[place]
        wanted = -(-len(rows) // CHUNK) * CHUNK
        padded = max(wanted, threshold + CHUNK) if len(asked) > threshold else len(rows)
        return self._search(np.resize(rows, padded))[: len(rows)]

    def _search(self, rows: Ints) -> Ints:
        return np.asarray(self.search.kneighbors(self.X[rows], return_distance=False), dtype=np.int64)
