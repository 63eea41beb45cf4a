"""Rows drawn so that classes appear in chosen shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, Prior, TargetError, UsageError
from steelyard.samplers.alias import AliasTable
from steelyard.samplers.schedules import ClassSchedule, power_shares
from steelyard.samplers.stream import CHUNK, Classes, Positions, Stream

__all__ = ["ClassBalanced"]


class ClassBalanced(Stream[int]):
    r"""Draw rows with replacement, classes in shares that are a power of their counts.

    When to use it: `DataLoader(data, sampler=ClassBalanced(prior, y=y, power=0.5))`. On long tails learn features
    with power 1 and retrain only the classifier with power 0; balancing everything from the start costs common
    classes. `prior_of(epoch)` is the prior the network sees, to be undone afterwards.

    :math:`P(\text{class } k) = n_k^p / \sum_j n_j^p`, rows within a class alike.

    Args:
        prior: the `Prior` of the rows.
        y: their labels (n,).
        power: p: 1 rows alike, 0.5 square root, 0 classes alike; or a schedule such as `progressive(90)`.
        size: rows an epoch; None for n.
        seed, rank, world_size: see `Stream`.

    Raises:
        TargetError: labels whose counts are not those of the prior.
        UsageError: a size below 1.

    >>> y = np.repeat([0, 1], [90, 10])
    >>> stream = ClassBalanced(Prior.of(y), y=y, power=0.0, size=10_000)
    >>> len(stream), round(float(np.mean(y[list(stream)])), 1)
    (10000, 0.5)

    Source: Kang, Xie, Rohrbach, Yan, Gordo, Feng, Kalantidis (2020), Decoupling Representation and Classifier for
    Long-Tailed Recognition.
    """

    def __init__(
        self,
        prior: Prior,
        *,
        y: ArrayLike,
        power: float | ClassSchedule = 0.0,
        size: int | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(seed=seed, rank=rank, world_size=world_size)
        codes = prior.encode(y)
        counts = np.bincount(codes, minlength=prior.n_classes)
        if not np.array_equal(counts > 0, prior.counts > 0):
            raise TargetError(
                f"the labels have {counts.tolist()[:10]} rows a class, the prior {prior.counts.tolist()[:10]}; "
                "pass the labels the prior was counted on"
            )
        if size is not None and size < 1:
            raise UsageError(f"size is {size}, expected at least one row an epoch")
        self.prior, self.power = prior, power
        self._held = np.flatnonzero(counts)
        self._classes = Classes(codes)
        self.per_epoch = len(codes) if size is None else int(size)

    def shares(self, epoch: int) -> Floats:
        """The share of the draws each class gets in an epoch."""
        return self.power(self.prior, epoch) if callable(self.power) else power_shares(self.prior, self.power)

    def prior_of(self, epoch: int) -> Prior:
        """The prior a network sees in an epoch."""
        return Prior(self.prior.labels, self.shares(epoch) * self.per_epoch, self.prior.kind)

    def epoch_of(self, rng: np.random.Generator) -> Positions:
        """Classes by their shares, and a row of each, in pieces that fit the processor's cache."""
        table = AliasTable(self.shares(self.epoch)[self._held])
        rows = np.empty(self.per_epoch, dtype=np.int64)
        for at in range(0, self.per_epoch, CHUNK):
            piece = rows[at : at + CHUNK]
            piece[:] = self._classes.rows_of(table.draw(len(piece), rng), rng)
        return rows


CARD = {
    "lever": "samplers",
    "name": "ClassBalanced",
    "title": "Class-balanced, square-root and progressive sampling",
    "seeds": ["004", "013", "084", "095"],
    "needs": [],
    "example": {"power": 0.5},
    "since": "0.1",
    "status": "claimed",
    "source": "Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition",
    "facts": {"makes": "rows", "takes_prior": True},
}
