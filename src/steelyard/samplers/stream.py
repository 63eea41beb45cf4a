"""What all streams share: seeds by epoch, shards by process, and the place to go on from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.core import TooFewSamples, UsageError, derive

__all__ = ["Stream"]

Positions = NDArray[np.int64]
Item = TypeVar("Item", int, list[int])


class Stream(ABC, Generic[Item]):
    """The base of all streams: subclasses say what an epoch holds, this class seeds, deals out, and resumes.

    When to use it: to write a sampler of your own; override `epoch_of(rng) -> list or array` and set `per_epoch`.

    Call `set_epoch` before every epoch, as with torch's `DistributedSampler`; without it every pass is the same.
    Item i of an epoch goes to process i modulo `world_size`; what does not divide is dropped at the end, so that
    all processes have equally many.

    Args:
        seed: of the whole run; epochs get seeds of their own from it.
        rank, world_size: this process and how many there are.

    Raises:
        UsageError: a rank outside the world.

    >>> class Counting(Stream[int]):
    ...     per_epoch = 5
    ...     def epoch_of(self, rng):
    ...         return np.arange(5)
    >>> list(Counting(rank=1, world_size=2))
    [1, 3]
    """

    per_epoch: int

    def __init__(self, *, seed: int = 0, rank: int = 0, world_size: int = 1) -> None:
        if not 0 <= rank < world_size:
            raise UsageError(f"rank is {rank} of {world_size} processes; expected 0 to {world_size - 1}")
        self.seed, self.rank, self.world_size = int(seed), int(rank), int(world_size)
        self.epoch = 0
        self._given = self._start = 0

    @abstractmethod
    def epoch_of(self, rng: np.random.Generator) -> Any:
        """All items of one epoch, for all processes."""

    def set_epoch(self, epoch: int) -> None:
        """Move to an epoch; iteration starts at its first item."""
        self.epoch = int(epoch)
        self._given = self._start = 0

    @property
    def sampler(self) -> Self:
        """Itself: where Lightning looks for the `set_epoch` of a `batch_sampler`."""
        return self

    def state_dict(self) -> dict[str, int]:
        """Where the stream stands: the epoch, and how many items of it were given out."""
        return {"epoch": self.epoch, "given": self._given}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on where another stream with the same options stood; the next pass gives what is left of its epoch."""
        self.epoch, self._given = int(state["epoch"]), int(state["given"])
        self._start = self._given

    def __len__(self) -> int:
        """Items this process gets in one epoch."""
        return self.per_epoch // self.world_size

    def __iter__(self) -> Iterator[Item]:
        """One epoch, or what is left of it after `load_state_dict`."""
        start, self._start = self._start, 0
        self._given = start
        mine = self.drawn()
        for at in range(start, len(self), CHUNK):
            part = mine[at : min(at + CHUNK, len(self))]
            for item in part.tolist() if isinstance(part, np.ndarray) else part:
                self._given += 1
                yield item

    def drawn(self) -> Any:
        """All of this process's items of the epoch at once."""
        rng = np.random.default_rng(derive(self.seed, "epoch", self.epoch))
        return self.epoch_of(rng)[self.rank :: self.world_size]


CHUNK = 65_536
"""Items turned from numpy to Python at once."""


class Classes:
    """Rows grouped by class."""

    def __init__(self, y: ArrayLike) -> None:
        labels = np.asarray(y)
        if labels.ndim != 1:
            raise UsageError(f"labels have shape {labels.shape}, expected one label a row")
        if not len(labels):
            raise TooFewSamples("there are no rows to draw from; pass at least one label")
        self.labels, codes = np.unique(labels, return_inverse=True)
        self.codes = codes.astype(np.int64)
        self.counts = np.bincount(self.codes, minlength=len(self.labels))
        self.order = np.argsort(self.codes, kind="stable").astype(np.int64)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.int64)

    def __len__(self) -> int:
        """How many classes there are."""
        return len(self.labels)

    def members(self, k: int) -> Positions:
        """The rows of class k."""
        return self.order[self.starts[k] : self.starts[k] + self.counts[k]]

    def rows_of(self, classes: Positions, rng: np.random.Generator) -> Positions:
        """One row drawn with replacement from each of the given classes."""
        place = rng.random(len(classes))
        place *= self.counts[classes]
        within = place.astype(np.int64)
        within += self.starts[classes]
        picked: Positions = self.order[within]
        return picked


def check_batch(size: int, least: int = 1, what: str = "batch_size") -> int:
    """A size that can be dealt."""
    if size < least:
        raise UsageError(f"{what} is {size}, expected at least {least}")
    return int(size)
