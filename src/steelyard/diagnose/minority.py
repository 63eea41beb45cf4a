"""Safe, borderline, rare and outlying rows, by the classes of their five nearest neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnose.neighbours import Neighbourhood, nearest

__all__ = ["TYPES", "row_types"]

TYPES = ("safe", "borderline", "rare", "outlier")


def row_types(X: NDArray[np.float32], y: NDArray[np.int64], around: Neighbourhood) -> NDArray[np.int64]:
    """The type of every asked row (m,), as a position in `TYPES`.

    When to use it: to see how much of a rare class lies among its own kind. With s of the k = 5 nearest
    neighbours in the row's own class: s ≥ 4 is safe, s = 2 or 3 borderline, s = 0 an outlier. With s = 1 a row
    is rare when its one fellow has no fellow either, or only this row; otherwise it is borderline.

    Args:
        X: encoded rows (n, d), comparable by Euclidean distance.
        y: class positions (n,).
        around: neighbours of the asked rows, from `neighbourhood`.

    Source: Napierala, Stefanowski (2016), section 3.

    >>> from steelyard.diagnose import neighbourhood
    >>> X = np.array([[0.0], [0.1], [0.2], [0.3], [0.4], [0.5], [9.0]], dtype=np.float32)
    >>> y = np.array([1, 1, 1, 1, 1, 1, 0])
    >>> types = row_types(X, y, neighbourhood(X, y, limit=10, seed=0))
    >>> [TYPES[position] for position in types]
    ['safe', 'safe', 'safe', 'safe', 'safe', 'safe', 'outlier']
    """
    own = y[around.nearest] == y[around.rows][:, None]
    fellows = own.sum(axis=1)
    types = np.select([fellows >= 4, fellows >= 2, fellows == 1], [0, 1, 2], default=3)
    alone = np.flatnonzero(fellows == 1)
    if len(alone):
        fellow = around.nearest[alone, own[alone].argmax(axis=1)]
        asked, position = np.unique(fellow, return_inverse=True)
        near = nearest(X, asked, around.nearest.shape[1])[position]
        its_own = y[near] == y[fellow][:, None]
        pair = (near == around.rows[alone][:, None]).any(axis=1)
        isolated = (its_own.sum(axis=1) == 0) | ((its_own.sum(axis=1) == 1) & pair)
        types[alone[~isolated]] = 1
    return np.asarray(types, dtype=np.int64)


CARD = {
    "lever": "diagnose",
    "name": "row_types",
    "title": "safe, borderline, rare and outlier types of rows",
    "seeds": ["012"],
    "needs": ["distances"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Napierala & Stefanowski (2016), Types of minority class examples and their influence on "
    "learning classifiers from imbalanced data",
    "facts": {},
}
