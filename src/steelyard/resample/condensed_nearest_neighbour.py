"""Keep a subset that classifies the rest like the whole."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from steelyard.resample.base import BaseSampler, positive_integer
from steelyard.resample.one_sided_selection import as_classifier, check_classifier
from steelyard.resample.plan import Ints, Plan, is_sparse
from steelyard.resample.points import Points
from steelyard.resample.repeated_edited_nearest_neighbours import rarest_by_appearance
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["CondensedNearestNeighbour"]

BLOCK = 512
SMALL = 300
"""Tables of fewer rows are classified outright."""


class CondensedNearestNeighbour(BaseSampler):
    """Go through a large class in order and keep the rows that the rows kept so far would misclassify.

    When to use it: to shrink a large class to its border; sensitive to noise and to the order of rows. A
    nearest-neighbour rule starts from the rarest class and `n_seeds_S` random rows of the class.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        random_state: seed of the draw; the same seed selects the same rows as imbalanced-learn.
        n_neighbors: neighbours of the rule (None means one), or an unfitted KNeighborsClassifier.
        n_seeds_S: random rows of the class to start from.
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [7.0], [8.6], [9.0]])
    >>> CondensedNearestNeighbour(random_state=0).fit_resample(X, [0, 0, 0, 0, 1, 1])[0].ravel().tolist()
    [0.0, 7.0, 8.6, 9.0]

    Source: Hart (1968), The condensed nearest neighbor rule.
    """

    _sampling_type: ClassVar[Kind] = "clean-sampling"

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        random_state: Any = None,
        n_neighbors: Any = None,
        n_seeds_S: int = 1,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_seeds_S = n_seeds_S
        self.n_jobs = n_jobs

    def _check_options(self) -> None:
        check_classifier(self.n_neighbors)
        positive_integer(self.n_seeds_S, "n_seeds_S")

    def _plan(self, X: Any, y: Ints) -> Plan:
        random_state = check_random_state(self.random_state)
        rare = np.flatnonzero(y == rarest_by_appearance(y))
        one = self.n_neighbors in (None, 1) and not is_sparse(X) and len(y) >= SMALL
        kept = []
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            if code in self._wanted:
                drawn = random_state.randint(low=0, high=len(rows), size=self.n_seeds_S)
                condense = self._by_blocks if one and y[rare[0]] != code else self._one_by_one
                rows = condense(X, y, rows, rows[drawn], rare)
            kept.append(rows)
        return Plan.keeping(len(y), np.concatenate(kept))

    def _one_by_one(self, X: Any, y: Ints, rows: Ints, seeds: Ints, rare: Ints) -> Ints:
        """Train anew after every row that is kept."""
        store = list(seeds)
        passed = _Passed(seeds, len(rows))
        wrong = self._wrong(X, y, rows, store, rare)
        for i in range(len(rows)):
            if wrong[i] and not passed[i]:
                store.append(rows[i])
                passed.add(rows[i])
                wrong = self._wrong(X, y, rows, store, rare)
        return np.array(store, dtype=np.int64)

    def _wrong(self, X: Any, y: Ints, rows: Ints, store: list[int], rare: Ints) -> NDArray[np.bool_]:
        known = np.concatenate([rare, np.array(store, dtype=np.int64)])
        classifier = as_classifier(self.n_neighbors, len(known), self.n_jobs).fit(X[known], y[known])
        return np.asarray(classifier.predict(X[rows]) != y[rows])

    def _by_blocks(self, X: Any, y: Ints, rows: Ints, seeds: Ints, rare: Ints) -> Ints:
        """One neighbour: distances to the rarest class stay, those to the kept rows only shrink.

        A block of rows is compared with all kept rows in one product; inside the block the rows kept from it
        are added as they come.
        """
        points = Points(X)
        other = points.nearest(rows, rare, 1, n_jobs=self.n_jobs)[0]
        store, passed = list(seeds), _Passed(seeds, len(rows))
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            away = other[start : start + BLOCK]
            slack = points.margin(block, away)
            own = points.nearest(block, np.array(store, dtype=np.int64), 1, n_jobs=self.n_jobs)[0]
            between = points.right[block] @ points.left(block).T
            i = 0
            while True:
                suspect = np.flatnonzero(~(own[i:] + 2 * slack[i:] < away[i:]))
                if not len(suspect):
                    break
                i += int(suspect[0])
                if not passed[start + i] and self._misled(
                    X, y, block[i], own[i], away[i], slack[i], store, rare
                ):
                    store.append(block[i])
                    passed.add(block[i])
                    own = np.minimum(own, between[i])
                i += 1
        return np.array(store, dtype=np.int64)

    def _misled(
        self, X: Any, y: Ints, row: int, own: float, away: float, slack: float, store: list[int], rare: Ints
    ) -> bool:
        """Whether the nearest known row is of the rarest class, beyond rounding or else as scikit-learn sees it."""
        if own - 2 * slack > away:
            return True
        kept = np.array(store, dtype=np.int64)
        nearest = [_exact(X, row, known) for known in (kept, rare)]
        rounding = (
            16 * np.finfo(np.float64).eps * X.shape[1] * float(np.square(X[row], dtype=np.float64).sum())
        )
        if abs(nearest[0] - nearest[1]) > rounding + 1e-12 * nearest[1]:
            return nearest[0] > nearest[1]
        return bool(self._wrong(X, y, np.array([row]), store, rare)[0])


class _Passed:
    """The rows imbalanced-learn passes over besides those classified rightly.

    It looks up positions within the class in a list that also holds row numbers of the whole table.
    """

    def __init__(self, seeds: Ints, n: int) -> None:
        self._marked = np.zeros(n, dtype=bool)
        for row in seeds:
            self.add(row)

    def add(self, row: int) -> None:
        if row < len(self._marked):
            self._marked[row] = True

    def __getitem__(self, position: int) -> bool:
        return bool(self._marked[position])


def _exact(X: Any, row: int, known: Ints) -> float:
    difference = np.asarray(X[known], dtype=np.float64) - X[row]
    return float(np.einsum("ij,ij->i", difference, difference).min())


CARD = {
    "lever": "resample",
    "name": "CondensedNearestNeighbour",
    "title": "condensed nearest neighbour",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Hart (1968), The condensed nearest neighbor rule",
    "facts": {"kind": "clean"},
}
