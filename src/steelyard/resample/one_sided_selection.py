"""Keep the rows a one-nearest-neighbour rule needs, then remove Tomek links."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import check_random_state

from steelyard.resample.base import BaseSampler, positive_integer
from steelyard.resample.links import tomek_links
from steelyard.resample.plan import Ints, Plan, is_sparse
from steelyard.resample.points import Points
from steelyard.resample.repeated_edited_nearest_neighbours import rarest_by_appearance
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["OneSidedSelection"]

SMALL = 300
"""Tables of fewer rows are classified outright."""


class OneSidedSelection(BaseSampler):
    """Drop the large-class rows that a nearest-neighbour rule on a few rows gets right, then Tomek links.

    When to use it: a stronger reduction than Tomek links that keeps rows near the rare class. For each targeted
    class a classifier is trained on the rarest class and `n_seeds_S` random rows of the class; its other rows
    are kept only where it errs.

    Args:
        sampling_strategy: the classes rows may be taken from, see `sampling_targets`.
        random_state: seed of the draw; the same seed selects the same rows as imbalanced-learn.
        n_neighbors: neighbours of the classifier (None means one), or an unfitted KNeighborsClassifier.
        n_seeds_S: random rows of the class to start from.
        n_jobs: threads; None uses those of the machine.

    Raises:
        UsageError: an option out of range.
        ValueError: missing values or columns that are no numbers.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [8.0], [8.6], [9.0]])
    >>> OneSidedSelection(random_state=0).fit_resample(X, [0, 0, 0, 0, 0, 1, 1])[0].ravel().tolist()
    [8.0, 8.6, 9.0]

    Source: Kubat, Matwin (1997), Addressing the curse of imbalanced training sets: one-sided selection.
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
        kept = []
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            if code in self._wanted:
                drawn = random_state.randint(low=0, high=len(rows), size=self.n_seeds_S)
                rest = np.delete(rows, drawn)
                wrong = self._misclassified(X, y, rest, rows[drawn], rare)
                kept += [rows[drawn], rest[wrong]]
            else:
                kept.append(rows)
        rows = np.concatenate(kept)
        linked = tomek_links(X[rows], y[rows], n_jobs=self.n_jobs)
        return Plan.keeping(len(y), rows[~(linked & np.isin(y[rows], list(self._wanted)))])

    def _misclassified(self, X: Any, y: Ints, rest: Ints, seeds: Ints, rare: Ints) -> NDArray[np.bool_]:
        known = np.concatenate([rare, seeds])
        wrong: NDArray[np.bool_] = y[rest] != y[rare[0]]
        if not wrong.any():
            return wrong  # with the rarest class alone nothing can be mistaken
        left = np.arange(len(rest))
        if self.n_neighbors in (None, 1) and not is_sparse(X) and len(y) >= SMALL:
            points = Points(X)
            own = points.nearest(rest, seeds, 1, n_jobs=self.n_jobs)[0]
            other = points.nearest(rest, rare, 1, n_jobs=self.n_jobs)[0]
            slack = points.margin(rest, own) + points.margin(rest, other)
            wrong = own > other
            left = np.flatnonzero(~(np.abs(own - other) > slack))
        if len(left):
            classifier = as_classifier(self.n_neighbors, len(known), self.n_jobs).fit(X[known], y[known])
            wrong[left] = classifier.predict(X[rest[left]]) != y[rest[left]]
        return wrong


def check_classifier(n_neighbors: Any) -> None:
    """Raise a UsageError unless it is None, a number of neighbours or a nearest-neighbour classifier."""
    if n_neighbors is not None and not hasattr(n_neighbors, "kneighbors"):
        positive_integer(n_neighbors, "n_neighbors")


def as_classifier(n_neighbors: Any, n_rows: int, n_jobs: int | None) -> Any:
    """The classifier meant by `n_neighbors`, with no more neighbours than there are rows."""
    if hasattr(n_neighbors, "kneighbors"):
        return clone(n_neighbors)
    return KNeighborsClassifier(n_neighbors=min(n_neighbors or 1, n_rows), n_jobs=n_jobs)


CARD = {
    "lever": "resample",
    "name": "OneSidedSelection",
    "title": "one-sided selection",
    "seeds": ["012"],
    "needs": [],
    "example": {"random_state": 0},
    "since": "0.1",
    "status": "claimed",
    "source": "Kubat, Matwin (1997), Addressing the curse of imbalanced training sets: one-sided selection",
    "facts": {"kind": "clean"},
}
