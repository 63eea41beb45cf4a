"""From rows and a stream of their positions to batches, the same ones in the same epoch wherever it begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from steelyard.core import UsageError, derive, generator

__all__ = ["Batches", "Shuffled"]


class Shuffled:
    """Every row once an epoch, in an order that depends on the seed and the epoch only.

    Args:
        n: rows.
        batch_size: rows of a batch.
        seed: of the orders.
        drop_last: leave out a last batch that is not full.

    >>> stream = Shuffled(5, 2, seed=0)
    >>> len(stream), sorted(i for batch in stream for i in batch)
    (3, [0, 1, 2, 3, 4])
    """

    def __init__(self, n: int, batch_size: int, *, seed: int = 0, drop_last: bool = False) -> None:
        if n < 1 or batch_size < 1:
            raise UsageError(f"n={n} rows and batch_size={batch_size} came, expected at least 1 of each")
        self.n, self.batch_size, self.seed, self.drop_last = n, batch_size, seed, drop_last
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next pass is."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Batches of an epoch."""
        full, rest = divmod(self.n, self.batch_size)
        return full + bool(rest and not self.drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        """Batches of row positions."""
        order = generator(derive(self.seed, "epoch", self.epoch)).permutation(self.n)
        for i in range(len(self)):
            yield order[i * self.batch_size : (i + 1) * self.batch_size].tolist()


@dataclass(frozen=True)
class Batches:
    """The batches of an epoch: `batches(epoch)` is iterable.

    When to use it: to feed `fit` from tensors in memory or from a dataset.

    Attributes:
        data: a tuple of tensors with equal first dimensions (rows are picked by indexing, without a loader), or
            a `torch.utils.data.Dataset`.
        stream: what yields lists of row positions, such as `Shuffled` or a sampler of `steelyard.samplers`;
            told the epoch by `set_epoch` where it has that.
        workers: loader processes, for datasets.
        collate: how examples of a dataset become a batch; None stacks them.

    >>> x, y = torch.arange(6.0).reshape(3, 2), torch.tensor([0, 1, 0])
    >>> batches = Batches((x, y), Shuffled(3, 2))
    >>> [len(target) for _, target in batches(0)]
    [2, 1]
    """

    data: tuple[Tensor, ...] | Dataset[Any]
    stream: Any
    workers: int = 0
    collate: Any = None

    def __call__(self, epoch: int) -> Iterable[Any]:
        """The batches of this epoch."""
        # a BatchSampler groups the rows of another stream, which is the one to be told
        for stream in (self.stream, getattr(self.stream, "sampler", None)):
            if stream is not None and hasattr(stream, "set_epoch"):
                stream.set_epoch(epoch)
        if isinstance(self.data, tuple):
            tensors = self.data
            return (tuple(t[torch.as_tensor(rows)] for t in tensors) for rows in self.stream)
        return DataLoader(
            self.data, batch_sampler=self.stream, num_workers=self.workers, collate_fn=self.collate
        )

    def __len__(self) -> int:
        """Batches of an epoch."""
        return len(self.stream)
