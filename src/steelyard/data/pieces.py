"""Arrow batches of any length as tables of one length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

__all__ = ["even_pieces"]


def even_pieces(batches: Iterator[Any], rows: int) -> Iterator[Any]:
    """Arrow tables of exactly `rows` rows, but for the last.

    >>> [len(piece) for piece in even_pieces(iter(pa.table({"x": range(5)}).to_batches(max_chunksize=3)), 2)]
    [2, 2, 1]
    """
    waiting: list[Any] = []
    held = 0
    for batch in batches:
        waiting.append(batch)
        held += batch.num_rows
        while held >= rows:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, rows)
            waiting = table.slice(rows).to_batches()
            held -= rows
    if held:
        yield pa.Table.from_batches(waiting)
