"""Read a table larger than memory for learning: all rows of the rare classes, a known part of the common one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.core import DataError, Listener, Meter, UsageError, generator
from steelyard.data.formats.columns import clean_column
from steelyard.data.formats.survey import Survey, survey
from steelyard.data.read import cleaned, opened
from steelyard.data.table import Table

__all__ = ["WEIGHT", "sample_majority"]

WEIGHT = "sampling_weight"
"""The column that is added."""
CHUNK = 1_000_000


def sample_majority(
    path: str | Path,
    *,
    target: str,
    rate: float,
    seed: int = 0,
    columns: Sequence[str] | None = None,
    schema: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Table:
    r"""Read every row of the rarer classes and a random part of the commonest one, with weights that undo it.

    When to use it: the table does not fit into memory, or not into the time there is to learn from it. Rows of
    the common class are what there is too much of; leaving most of them out costs little, and nothing about the
    prior: of its N rows exactly :math:`n = \mathrm{round}(rate \cdot N)` are drawn without replacement, each
    weighs :math:`N / n`, every other row weighs 1. Weighted, the classes are exactly as common as in the file.

    The file is gone through twice: the target alone, then all columns, of which a piece is in memory at a time.
    Rows without a target are kept. The index holds the row numbers of the file.

    Args:
        path: a file `read_table` reads; of Parquet only the needed columns are read.
        target: the column of classes.
        rate: the part of the commonest class to read, above 0 and up to 1.
        seed: decides which rows.
        columns: the columns to read; the target is added.
        schema: column -> kind, as in `read_table`.
        listener: told how far the reading is.

    Returns:
        The table, with the column "sampling_weight" at its end and a note of what was left out.

    Raises:
        DataError: as `read_table`; or the file has a column "sampling_weight" already, or one class only.
        UsageError: a rate out of range.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "t.csv").write_text("x,bad\n" + "1,no\n" * 90 + "2,yes\n" * 3)
    ...     table = sample_majority(f"{folder}/t.csv", target="bad", rate=0.2)
    >>> table.frame.groupby("bad")["sampling_weight"].agg(["size", "sum"]).to_dict()
    {'size': {'no': 18, 'yes': 3}, 'sum': {'no': 90.0, 'yes': 3.0}}

    Source: Horvitz, Thompson (1952), A generalization of sampling without replacement from a finite universe.
    """
    if isinstance(rate, bool) or not 0 < rate <= 1:
        raise UsageError(f"the rate is {rate!r}, expected a share above 0 and up to 1, such as 0.01")
    file = survey(path)
    names = opened(file, None if columns is None else list(dict.fromkeys([*columns, target])), schema).names
    if target not in names:
        raise UsageError(
            f"{file.path.name!r} has no column {target!r}; its columns are {', '.join(names[:12])}"
        )
    if WEIGHT in names:
        raise DataError(f"{file.path.name!r} has a column {WEIGHT!r}, which is to be added; rename it")
    labels, codes = _classes(file, target, listener)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    if len(labels) < 2:
        raise DataError(
            f"target {target!r} holds {len(labels)} class; a rare one is needed beside the common"
        )
    common = int(np.argmax(counts))
    keep = codes != common
    drawn = _drawn(int(counts[common]), max(round(rate * int(counts[common])), 1), seed)
    keep[~keep] = drawn
    table = _read(file, names, keep, schema or {}, listener)
    ratio = float(counts[common] / drawn.sum())
    weight = np.where(codes[keep] == common, ratio, 1.0)
    note = (
        f"of the {counts[common]:,} rows of class {labels[common]!r} {drawn.sum():,} were drawn, each weighs "
        f"{ratio:g}; all {len(codes) - counts[common]:,} other rows were read"
    )
    frame = table.frame.set_axis(np.flatnonzero(keep), axis=0).assign(**{WEIGHT: weight})
    return replace(table, frame=frame, schema={**table.schema, WEIGHT: "number"}, notes=(*table.notes, note))


def _classes(file: Survey, target: str, listener: Listener | None) -> tuple[list[str], NDArray[np.int64]]:
    """The labels as text, and the class of every row, -1 where the target is missing."""
    place: dict[str, int] = {}
    found, rows = [], 0
    source, meter = opened(file, [target], None), Meter(listener, "Counting the classes")
    for batch in source.batches:
        cells = batch.column(0)
        if pa.types.is_string(cells.type):
            cells = cells.cast(pa.large_string())
        _, column, _ = clean_column(target, cells, kind="text", decimal=source.decimal, first_row=rows)
        codes, labels = pd.factorize(pd.Series(column))
        known = [place.setdefault(str(label), len(place)) for label in labels]
        small = np.int16 if len(place) < 2**15 else np.int64
        found.append(np.append(known, -1)[codes].astype(small))
        rows += len(codes)
        meter(rows)
    return list(place), np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _drawn(total: int, wanted: int, seed: int) -> NDArray[np.bool_]:
    """Mark `wanted` of `total` at random, a chunk at a time: how many fall into each chunk is drawn first."""
    rng = generator(seed)
    sizes = np.diff(np.append(np.arange(0, total, CHUNK), total))
    shares = rng.multivariate_hypergeometric(sizes, wanted, method="marginals")
    marks = np.zeros(total, dtype=bool)
    for i, (size, share) in enumerate(zip(sizes.tolist(), shares.tolist(), strict=True)):
        marks[i * CHUNK + rng.choice(size, share, replace=False, shuffle=False)] = True
    return marks


def _read(
    file: Survey,
    names: list[str],
    keep: NDArray[np.bool_],
    schema: Mapping[str, str],
    listener: Listener | None,
) -> Table:
    source = opened(file, names, schema)
    batches = list(_kept(source.batches, keep, listener))
    frame, found, notes = cleaned(pa.Table.from_batches(batches), source, schema)
    name = file.path.name.partition(".")[0] or file.path.name
    return Table(frame, name, str(file.path), file.digest, found, (*source.notes, *notes))


def _kept(batches: Iterator[Any], keep: NDArray[np.bool_], listener: Listener | None) -> Iterator[Any]:
    first, meter = 0, Meter(listener, "Reading the rows", len(keep))
    for batch in batches:
        yield batch.filter(pa.array(keep[first : first + batch.num_rows]))
        first += batch.num_rows
        meter(first)
