"""Batches that all share one row of every class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from steelyard.samplers.stream import Classes, Stream, check_batch

__all__ = ["BatchBinding", "batch_graph_conditions"]


class BatchBinding(Stream[list[int]]):
    """Shuffled batches, each with the same few rows of every class added to it.

    When to use it: with a contrastive loss (`losses.ReLUSupConLoss`), as `DataLoader(batch_sampler=…)`: fixed
    batches may leave classes that never meet, which then need not become orthogonal; a bound row of each class
    joins them all.

    Args:
        y: labels (n,).
        batch_size: rows of a batch before the bound ones are added.
        bind: bound rows of each class.
        fixed: the same batches every epoch, only bound rows stay what they are in any case.
        drop_last: leave out a last batch that is not full.
        seed, rank, world_size: see `Stream`.

    Raises:
        UsageError: sizes below 1.

    >>> stream = BatchBinding([0, 0, 1, 1], batch_size=2)
    >>> [len(batch) for batch in stream]
    [4, 4]

    Source: Kini, Vakilian, Behnia, Gill, Thrampoulidis (2024), Symmetric Neural-Collapse Representations with
    Supervised Contrastive Loss: The Impact of ReLU and Batching.
    """

    def __init__(
        self,
        y: ArrayLike,
        *,
        batch_size: int,
        bind: int = 1,
        fixed: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(seed=seed, rank=rank, world_size=world_size)
        classes = Classes(y)
        self.batch_size, self.fixed, self._n = check_batch(batch_size), fixed, len(classes.codes)
        check_batch(bind, what="bind")
        rng = np.random.default_rng(seed)
        chosen = [rng.permutation(classes.members(k))[:bind] for k in range(len(classes))]
        self.bound: list[int] = np.concatenate(chosen).tolist()
        self.per_epoch = self._n // batch_size if drop_last else -(-self._n // batch_size)

    def epoch_of(self, rng: np.random.Generator) -> list[list[int]]:
        """Batches of shuffled rows, then the bound ones."""
        order = (np.random.default_rng(self.seed) if self.fixed else rng).permutation(self._n).tolist()
        starts = range(0, self.per_epoch * self.batch_size, self.batch_size)
        return [order[at : at + self.batch_size] + self.bound for at in starts]


def batch_graph_conditions(batches: Iterable[Sequence[int]], y: ArrayLike) -> tuple[list[bool], bool]:
    """Whether batches leave a contrastive loss no choice but orthogonal classes.

    When to use it: on the batches of a fixed partition, before a contrastive training.

    Returns:
        For each class, whether its rows are connected by sharing batches; and whether all pairs of classes meet in
        some batch.

    >>> batch_graph_conditions([[0, 1], [2, 3]], [0, 0, 1, 1])
    ([True, True], False)
    >>> batch_graph_conditions([[0, 1, 0, 2], [2, 3, 0, 2]], [0, 0, 1, 1])
    ([True, True], True)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    classes = Classes(y)
    k, n = len(classes), len(classes.codes)
    met = np.eye(k, dtype=bool)
    edges: list[tuple[int, int]] = []
    for batch in batches:
        rows = np.unique(np.asarray(batch))
        present = np.unique(classes.codes[rows])
        met[np.ix_(present, present)] = True
        for c in present:
            mine = rows[classes.codes[rows] == c]
            edges += zip(mine[:-1].tolist(), mine[1:].tolist(), strict=True)
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    return [len(np.unique(component[classes.members(c)])) == 1 for c in range(k)], bool(met.all())


CARD = {
    "lever": "samplers",
    "name": "BatchBinding",
    "title": "Batch-binding",
    "seeds": ["097"],
    "needs": [],
    "example": {"batch_size": 8},
    "since": "0.1",
    "status": "claimed",
    "source": "Kini et al. (2024), Symmetric Neural-Collapse Representations with Supervised Contrastive Loss",
    "facts": {"makes": "batches"},
}
