"""How hard single rows are: disagreeing neighbours, and the probability models give to the wrong class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats
from steelyard.diagnose.neighbours import Neighbourhood

__all__ = ["disagreement", "wrong_class_probability"]


def disagreement(y: NDArray[np.int64], around: Neighbourhood) -> Floats:
    """kDN: the share of a row's five nearest neighbours that carry another label (m,), in [0, 1].

    When to use it: to find rows that sit among another class; 1 is a row alone among strangers.

    Source: Smith, Martinez & Giraud-Carrier (2014), An instance level analysis of data complexity.

    >>> from steelyard.diagnose import neighbourhood
    >>> X, y = np.array([[0.0], [1.0], [2.0], [4.5]], dtype=np.float32), np.array([0, 0, 0, 1])
    >>> disagreement(y, neighbourhood(X, y, limit=10, seed=0)).round(2).tolist()
    [0.33, 0.33, 0.33, 1.0]
    """
    return np.asarray((y[around.nearest] != y[around.rows][:, None]).mean(axis=1), dtype=float)


def wrong_class_probability(y: NDArray[np.int64], p: Floats) -> Floats:
    """One minus the cross-fitted probability of the row's own class (n,), in [0, 1].

    >>> wrong_class_probability(np.array([0, 1]), np.array([[0.9, 0.1], [0.7, 0.3]])).round(2).tolist()
    [0.1, 0.7]
    """
    return np.asarray(1 - p[np.arange(len(y)), y], dtype=float)


CARD = {
    "lever": "diagnose",
    "name": "disagreement",
    "title": "Instance hardness by disagreeing neighbours (kDN)",
    "seeds": ["006", "012", "021"],
    "needs": ["distances"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Smith, Martinez & Giraud-Carrier (2014), An instance level analysis of data complexity",
    "facts": {},
}
