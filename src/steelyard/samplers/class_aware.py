"""Classes in turn, a few rows of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.samplers.stream import Classes, Positions, Stream, check_batch

__all__ = ["ClassAware"]


class ClassAware(Stream[int]):
    """Go round the classes in random order and take some rows of each.

    When to use it: to retrain a classifier with every class equally often and every row of a class equally often:
    no row comes again before its class is used up.

    Args:
        y: labels (n,).
        per_class: rows of a class in a turn.
        size: rows an epoch; None for the largest class times the number of classes.
        seed, rank, world_size: see `Stream`.

    Raises:
        UsageError: sizes below 1.

    >>> y = np.repeat([0, 1, 2], [6, 3, 1])
    >>> np.bincount(y[list(ClassAware(y, per_class=2))]).tolist()
    [6, 6, 6]

    Source: Shen, Lin, Huang (2016), Relay Backpropagation for Effective Learning of Deep Convolutional Neural
    Networks.
    """

    def __init__(
        self,
        y: ArrayLike,
        *,
        per_class: int = 4,
        size: int | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(seed=seed, rank=rank, world_size=world_size)
        self._classes = Classes(y)
        self.per_class = check_batch(per_class, what="per_class")
        whole = int(self._classes.counts.max()) * len(self._classes)
        self.per_epoch = check_batch(whole if size is None else size, what="size")

    def epoch_of(self, rng: np.random.Generator) -> Positions:
        """Turns in random order of classes; each class deals shuffled rows, over and over."""
        k, m = len(self._classes), self.per_class
        rounds = -(-self.per_epoch // (k * m))
        turns = np.stack([rng.permutation(k) for _ in range(rounds)])
        dealt = np.empty((rounds, k, m), dtype=np.int64)
        for c in range(k):
            dealt[:, c] = cycled(self._classes.members(c), rounds * m, rng).reshape(rounds, m)
        turns += k * np.arange(rounds)[:, None]
        return dealt.reshape(-1, m)[turns.ravel()].ravel()[: self.per_epoch]


def cycled(rows: Positions, n: int, rng: np.random.Generator) -> Positions:
    """`n` of the rows: all of them shuffled, then all of them shuffled anew, and so on."""
    passes = -(-n // len(rows))
    table = np.tile(rows, (passes, 1))
    rng.permuted(table, axis=1, out=table)
    return table.ravel()[:n]


CARD = {
    "lever": "samplers",
    "name": "ClassAware",
    "title": "Class-aware sampling",
    "seeds": ["010", "084", "095"],
    "needs": [],
    "example": {},
    "since": "0.1",
    "status": "claimed",
    "source": "Shen, Lin, Huang (2016), Relay Backpropagation",
    "facts": {"makes": "rows"},
}
