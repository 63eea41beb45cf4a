"""Rows of a Ray data set: its blocks are the pieces, worked on where Ray keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import joblib

from steelyard.core import require
from steelyard.resample.streams.rows import Work, windows

__all__ = ["RayRows"]

T = TypeVar("T")


class RayRows:
    """The blocks of a Ray data set, put once into the object store (which spills to disk) in their order."""

    n_jobs: int | None = 1

    def __init__(self, dataset: Any) -> None:
        self.name = "the Ray data set"
        self._ray = require("ray", extra="ray")
        options = require("ray.data", extra="ray").DataContext.get_current().execution_options
        before, options.preserve_order = options.preserve_order, True
        try:
            self._kept = dataset.materialize()  # blocks live as long as this does
            self._blocks = self._kept.to_arrow_refs()
        finally:
            options.preserve_order = before
        first = self._ray.get(self._blocks[0])
        self.schema = first.schema.remove_metadata()

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self._blocks)

    def map(self, work: Work[T], columns: Sequence[str]) -> Iterator[T]:
        """What `work` makes of every block, in order; a few blocks at a time."""
        wanted = list(columns)
        later = self._ray.remote(_on_block)
        for window in windows(
            self._blocks,
            2 * joblib.cpu_count(),
            lambda number, block: later.remote(work, number, block, wanted),
        ):
            yield from self._ray.get(window)


def _on_block(work: Any, number: int, block: Any, columns: list[str]) -> Any:
    return work(number, block.select(columns))
