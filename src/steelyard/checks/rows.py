"""The small tables every check runs on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.core import Floats

__all__: list[str] = []

Ints = NDArray[np.int64]


def rare_rows(n: int = 300, *, n_classes: int = 2, seed: int = 0) -> tuple[NDArray[np.float32], Ints]:
    """Rows X (n, 6) with some signal and labels y (n,): class k > 0 makes up a tenth each, the rest is 0."""
    rng = np.random.default_rng(seed)
    y = np.zeros(n, dtype=np.int64)
    for k in range(1, n_classes):
        y[(k - 1) * n // 10 : k * n // 10] = k
    y = rng.permutation(y)
    X = rng.normal(size=(n, 6))
    X[:, 0] += 2 * (y == 1)
    X[:, 1] += 2 * (y == 2)
    return X.astype(np.float32), y


def probabilities(y: Ints, *, n_classes: int = 2, seed: int = 1) -> Floats:
    """Distinct class probabilities (n, K) that know something about y."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(len(y), n_classes))
    scores[np.arange(len(y)), y] += 1.5
    scores[:, 0] += 1
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def weights(n: int, *, seed: int = 2) -> Ints:
    """Whole-number weights 0 to 3."""
    return np.random.default_rng(seed).integers(0, 4, n)
