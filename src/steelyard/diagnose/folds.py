"""Deal rows to folds so that every class is spread and no group is torn apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__: list[str] = []


def deal_folds(
    y: NDArray[np.int64],
    n_folds: int,
    rng: np.random.Generator,
    groups: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """The fold 0..n_folds-1 of every row (n,).

    Rows (or whole groups, by the rarest class they hold) are shuffled within their class and dealt in turn.
    """
    if groups is None:
        return _deal(y, n_folds, rng)
    number = pd.factorize(groups)[0]
    rarity = np.argsort(np.argsort(np.bincount(y), kind="stable"), kind="stable")
    rarest = np.full(int(number.max()) + 1, len(rarity))
    np.minimum.at(rarest, number, rarity[y])
    return _deal(rarest, n_folds, rng)[number]


def _deal(y: NDArray[np.int64], n_folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    shuffled = rng.permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % n_folds
    return fold
