"""How much the classes overlap: Fisher's ratio F1, border rows N1, and 1-nearest-neighbour error N3."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.core import Floats

__all__ = ["border_rows", "fisher_overlap"]


def fisher_overlap(X: ArrayLike, y: NDArray[np.int64]) -> float:
    r"""F1: overlap along the single most telling column, 0 (apart) to 1 (no column tells the classes apart).

    When to use it: as a quick, linear view; classes that differ only jointly still score near 1.

    .. math:: F1 = \frac{1}{1 + \max_j r_j}, \qquad
              r_j = \frac{\sum_k n_k (\mu_{kj} - \mu_j)^2}{\sum_k \sum_{i \in k} (x_{ij} - \mu_{kj})^2}

    Args:
        X: encoded rows (n, d).
        y: class positions (n,).

    Source: Lorena et al. (2019), How complex is your classification problem?, measure F1.

    >>> round(fisher_overlap([[0.0], [2.0], [8.0], [10.0]], np.array([0, 0, 1, 1])), 4)
    0.0588
    """
    return _f1(*_class_sums(np.asarray(X), y))


def fisher_by_class(X: NDArray[np.float32], y: NDArray[np.int64]) -> Floats:
    """F1 of every class against all others (K,)."""
    counts, sums, squares = _class_sums(X, y)
    # about the centre the sums of a class and of all others cancel
    return np.array(
        [
            _f1(np.array([n, len(y) - n]), np.stack([total, -total]), squares)
            for n, total in zip(counts, sums, strict=True)
        ]
    )


def _class_sums(X: NDArray[Any], y: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Rows (K,) and sums (K, d) of every class, and sums of squares (d,), about the centre of all rows."""
    counts = np.bincount(y).astype(float)
    member = sparse.csr_array((np.ones(len(y)), (y, np.arange(len(y)))), shape=(len(counts), len(y)))
    centred = np.asarray(X, dtype=float)
    centred = centred - centred.mean(axis=0)
    return counts, np.asarray(member @ centred), np.einsum("ij,ij->j", centred, centred)


def _f1(counts: Floats, sums: Floats, squares: Floats) -> float:
    between = (sums**2 / np.maximum(counts, 1)[:, None]).sum(axis=0)
    held = squares > 0
    if not held.any():
        return 1.0
    # 1 / (1 + between / within) with within = squares - between
    return float(np.clip(1 - between[held] / squares[held], 0, 1).min())


def border_rows(X: ArrayLike, y: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows touch another class in the minimum spanning tree (n,); their share is the measure N1.

    When to use it: to see how much of each class lies on the border. Takes O(n²) time, O(n) memory.

    Args:
        X: encoded rows (n, d).
        y: class positions (n,).

    Source: Lorena et al. (2019), measure N1, after Friedman and Rafsky (1979).

    >>> border_rows([[0.0], [1.0], [2.0], [4.0], [5.0]], np.array([0, 0, 0, 1, 1])).tolist()
    [False, False, True, True, False]
    """
    rows = np.asarray(X)
    rows = rows if rows.dtype == np.float32 else rows.astype(float)
    n = len(rows)
    border = np.zeros(n, dtype=bool)
    squares = (rows**2).sum(axis=1)
    outside = np.ones(n, dtype=bool)
    reach = np.full(n, np.inf)
    parent = np.zeros(n, dtype=np.int64)
    current = 0
    for _ in range(n - 1):
        outside[current] = False
        far = squares + squares[current] - 2 * (rows @ rows[current])
        closer = outside & (far < reach)
        reach[closer], parent[closer] = far[closer], current
        current = int(np.where(outside, reach, np.inf).argmin())
        if y[current] != y[parent[current]]:
            border[[current, parent[current]]] = True
    return border


CARD = {
    "lever": "diagnose",
    "name": "border_rows",
    "title": "Class overlap: border rows of the minimum spanning tree (N1), beside F1 and N3",
    "seeds": ["012"],
    "needs": ["distances"],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Lorena et al. (2019), How complex is your classification problem?",
    "facts": {},
}
