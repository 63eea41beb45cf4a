"""Where contrastive losses get keys from beyond the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor, nn

from steelyard.core import UsageError
from steelyard.losses.distributed import gathered

__all__ = ["FeatureQueue", "KeyProvider", "PrototypeQueue"]

KeyProvider: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(unit vectors of the batch without gradient, their labels) -> (more keys (m, d), their labels (m,))."""


class FeatureQueue(nn.Module):
    """The last `size` rows seen, as keys.

    When to use it: batches too small to hold partners. Keys are as old as the queue is long, so keep it at a few
    batches. In training mode every call returns what was there and then takes the batch in; evaluation mode changes
    nothing. Under several processes the rows of all are taken in, and all hold the same queue.

    Args:
        size: rows kept; places not filled yet carry the label -1 and do not count.
        dim: the embedding's dimension d.

    Raises:
        UsageError: a batch larger than the queue.

    >>> queue = FeatureQueue(4, 2)
    >>> _ = queue(torch.eye(2), torch.tensor([7, 8]))
    >>> queue(torch.eye(2), torch.tensor([7, 8]))[1].tolist()
    [7, 8, -1, -1]

    Source: He, Fan, Wu, Xie, Girshick (2020), Momentum Contrast for Unsupervised Visual Representation Learning.
    """

    rows: Tensor
    labels: Tensor
    at: Tensor

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("rows", torch.zeros(size, dim))
        self.register_buffer("labels", torch.full((size,), -1))
        self.register_buffer("at", torch.zeros((), dtype=torch.long))

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The keys held before this batch."""
        held = self.rows.clone(), self.labels.clone()
        if self.training:
            rows, names = gathered(features), gathered(labels)
            if len(rows) > self.size:
                raise UsageError(
                    f"a batch of {len(rows)} rows came for a queue of {self.size}; make it longer"
                )
            places = (self.at + torch.arange(len(rows), device=rows.device)) % self.size
            self.rows.index_copy_(0, places, rows.to(self.rows.dtype))
            self.labels.index_copy_(0, places, names)
            self.at.copy_((self.at + len(rows)) % self.size)
        return held


class PrototypeQueue(nn.Module):
    """One prototype for every class, whether it is in the batch or not: the mean of a few of its last rows.

    When to use it: tiny batches and many or rare classes; every row then has a partner. A class that was not seen yet
    stands at `centres`. In training mode the batch is taken in after the prototypes are drawn.

    Args:
        n_classes: K.
        dim: the embedding's dimension d.
        size: rows kept for each class.
        draw: rows averaged into a prototype; a class that holds fewer keeps its centre.

    Raises:
        UsageError: `draw` above `size`.

    >>> queue = PrototypeQueue(2, 2, size=4, draw=1)
    >>> queue.set_centres(torch.eye(2))
    >>> keys, labels = queue(torch.eye(2), torch.tensor([0, 1]))
    >>> keys.tolist(), labels.tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [0, 1])

    Source: Song, Huang, Xue, Hu (2022), Supervised Prototypical Contrastive Learning for Emotion Recognition in
    Conversation.
    """

    rows: Tensor
    taken: Tensor
    centres: Tensor

    def __init__(self, n_classes: int, dim: int, *, size: int = 256, draw: int = 64) -> None:
        super().__init__()
        if not 1 <= draw <= size:
            raise UsageError(f"draw is {draw} and size {size}; expected 1 <= draw <= size")
        self.n_classes, self.size, self.draw = n_classes, size, draw
        self.register_buffer("rows", torch.zeros(n_classes, size, dim))
        self.register_buffer("taken", torch.zeros(n_classes, dtype=torch.long))
        self.register_buffer("centres", torch.zeros(n_classes, dim))

    def set_centres(self, centres: Tensor) -> None:
        """Class means (K, d) to start from, usually renewed at the start of an epoch; empties the queue."""
        self.centres.copy_(centres)
        self.taken.zero_()

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """A prototype for every class."""
        prototypes = self._prototypes()
        if self.training:
            self._take(gathered(features), gathered(labels))
        return prototypes, torch.arange(self.n_classes, device=labels.device)

    def _prototypes(self) -> Tensor:
        held = self.taken.clamp(max=self.size)
        shape = (self.n_classes, self.size)
        lot = (
            torch.rand(shape, device=held.device) if self.training else torch.zeros(shape, device=held.device)
        )
        lot = lot.masked_fill(torch.arange(self.size, device=held.device) >= held[:, None], 2.0)
        drawn = lot.argsort(1)[:, : self.draw]
        mean = self.rows.gather(1, drawn[..., None].expand(-1, -1, self.rows.shape[2])).mean(1)
        return torch.where((held >= self.draw)[:, None], mean, self.centres)

    def _take(self, features: Tensor, labels: Tensor) -> None:
        """Write each row to the next place of its class; of more rows than places the last stay."""
        same = labels[:, None] == labels[None]
        before = same.tril(-1).sum(1)
        total = same.sum(1)
        kept = total - before <= self.size
        places = (self.taken[labels] + before) % self.size
        flat = torch.where(kept, labels * self.size + places, self.n_classes * self.size)
        table = torch.cat([self.rows.flatten(0, 1), self.rows.new_zeros(1, self.rows.shape[2])])
        table.index_copy_(0, flat, features.to(table.dtype))
        self.rows.copy_(table[:-1].reshape(self.rows.shape))
        self.taken.index_add_(0, labels, torch.ones_like(labels))
