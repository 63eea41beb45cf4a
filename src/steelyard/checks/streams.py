"""The protocol of samplers: the same for the same seed, dealt out without overlap, resumable."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np

from steelyard.checks.failure import demand, quietly

__all__ = ["check_stream"]


def check_stream(make: Callable[..., Any], *, n: int) -> None:
    """Check that a stream of row positions can feed any training loop.

    When to use it: in the tests of a sampler of your own, with a function that makes it from `seed`, `rank` and
    `world_size`.

    It demands: as many items as its length says, rows (int) or batches (lists of int) within 0..n-1; the same
    items from the same seed and epoch, others in another epoch; shards of two processes that are equally long and
    together what one process gets; a stream stopped anywhere and resumed elsewhere giving exactly the rest; that
    it can be pickled.

    Args:
        make: options -> stream, over n rows.
        n: how many rows there are.

    Raises:
        NotConforming: what was seen and what was expected.

    >>> from steelyard.samplers import ClassAware
    >>> check_stream(lambda **options: ClassAware([0, 0, 0, 1], **options), n=4)
    """
    with quietly("the sampler"):
        stream = make(seed=3)
        items = list(stream)
        demand(len(items) == len(stream), f"the length says {len(stream)}, but {len(items)} items came")
        rows = list(chain.from_iterable(items)) if items and isinstance(items[0], list) else items
        demand(all(type(row) is int for row in rows), "rows must be Python ints, or lists of them")
        demand(all(0 <= row < n for row in rows), f"rows must lie within 0..{n - 1}")
        demand(list(stream) == items == list(make(seed=3)), "the same seed and epoch give other items")
        demand(pickle.dumps(stream), "the stream cannot be sent to another process")
        _check_epochs(make, items)
        _check_shards(make, items)
        _check_resumption(make, items)


def _check_epochs(make: Callable[..., Any], items: list[Any]) -> None:
    stream = make(seed=3)
    seen = []
    for epoch in range(1, 4):
        stream.set_epoch(epoch)
        seen.append(list(stream))
    demand(
        any(other != items for other in seen),
        "every epoch is the same; draw anew from the seed and the epoch",
    )
    stream.set_epoch(0)
    demand(list(stream) == items, "set_epoch(0) does not give the first epoch again")


def _check_shards(make: Callable[..., Any], items: list[Any]) -> None:
    shards = [list(make(seed=3, rank=rank, world_size=2)) for rank in (0, 1)]
    demand(
        len(shards[0]) == len(shards[1]),
        f"two processes get {[len(s) for s in shards]} items; equally many wanted",
    )
    woven = [item for pair in zip(*shards, strict=True) for item in pair]
    demand(woven == items[: len(woven)], "two processes together do not get what one gets")
    demand(len(items) - len(woven) < 2, "more items were dropped than the processes require")


def _check_resumption(make: Callable[..., Any], items: list[Any]) -> None:
    for stop in np.unique(np.linspace(0, len(items), 4).astype(int)).tolist():
        first, second = make(seed=3), make(seed=3)
        begun = iter(first)
        for _ in range(stop):
            next(begun)
        second.load_state_dict(first.state_dict())
        demand(list(second) == items[stop:], f"stopped after {stop} items and resumed, the rest differs")
        again = list(second)
        demand(again == items, "the pass after a resumed one must be whole")
