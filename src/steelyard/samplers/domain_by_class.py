"""Batches with the same number of rows from every cell of domain and class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import DataError
from steelyard.samplers.class_aware import cycled
from steelyard.samplers.stream import Classes, Stream, check_batch

__all__ = ["DomainByClass"]


class DomainByClass(Stream[list[int]]):
    """Batches balanced over pairs of domain and class, so that the domain tells nothing about the class.

    When to use it: rare classes come mostly from one site, camera or background, and the network must not learn that.
    Pairs without rows are left out. Rows repeat only once their pair is used up.

    Args:
        y: labels (n,).
        domain: the domain of each row (n,).
        per_cell: rows of each pair in a batch.
        batches: batches an epoch; None for as many as use up the largest pair.
        seed, rank, world_size: see `Stream`.

    Raises:
        DataError: labels and domains of different length.
        UsageError: sizes below 1.

    >>> y, site = np.array([0, 0, 0, 1]), np.array(["a", "a", "b", "b"])
    >>> [sorted(batch)[1:] for batch in DomainByClass(y, site)]  # rows 0 and 1 in turn, 2 and 3 always
    [[2, 3], [2, 3]]

    Source: Sagawa, Raghunathan, Koh, Liang (2020), An Investigation of Why Overparameterization Exacerbates Spurious
    Correlations.
    """

    def __init__(
        self,
        y: ArrayLike,
        domain: ArrayLike,
        *,
        per_cell: int = 1,
        batches: int | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(seed=seed, rank=rank, world_size=world_size)
        classes, domains = Classes(y), Classes(domain)
        if len(classes.codes) != len(domains.codes):
            raise DataError(
                f"{len(classes.codes)} labels came with {len(domains.codes)} domains; pass one a row"
            )
        self._cells = Classes(classes.codes * len(domains) + domains.codes)
        self.per_cell = check_batch(per_cell, what="per_cell")
        whole = -(-int(self._cells.counts.max()) // per_cell)
        self.per_epoch = check_batch(whole if batches is None else batches, what="batches")

    def epoch_of(self, rng: np.random.Generator) -> list[list[int]]:
        """The batches of one epoch."""
        n, m = self.per_epoch, self.per_cell
        dealt = [cycled(self._cells.members(c), n * m, rng).reshape(n, m) for c in range(len(self._cells))]
        batches: list[list[int]] = np.concatenate(dealt, axis=1).tolist()
        return batches


CARD = {
    "lever": "samplers",
    "name": "DomainByClass",
    "title": "Batches balanced over domain and class",
    "seeds": ["048"],
    "needs": [],
    "example": {"domain": [0, 1, 0, 1]},
    "since": "0.1",
    "status": "claimed",
    "source": "Sagawa et al. (2020), An Investigation of Why Overparameterization Exacerbates Spurious Correlations",
    "facts": {"makes": "batches", "takes": "domains"},
}
