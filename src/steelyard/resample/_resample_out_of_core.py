"""Resample a table larger than memory: the rare classes in memory, the common one streamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.core import LeakError, Listener, LiveDisplay, Prior, UsageError
from steelyard.resample.base import BaseSampler
from steelyard.resample.streams.census import take_census
from steelyard.resample.streams.methods import Job, method_of
from steelyard.resample.streams.passes import Passes
from steelyard.resample.streams.rows import Rows, as_rows
from steelyard.resample.streams.writing import check_names, facts_of, write_rows

__all__ = ["ResampledData", "refuse_resampled", "resample_out_of_core"]


@dataclass(frozen=True)
class ResampledData:
    """What was written.

    Attributes:
        path: the Parquet file.
        rows_in, rows_out: how many rows came and how many were written.
        before, after: the class priors of both.
        notices: what was done differently from what was asked, in sentences.
    """

    path: Path
    rows_in: int
    rows_out: int
    before: Prior
    after: Prior
    notices: tuple[str, ...] = ()


def resample_out_of_core(
    sampler: BaseSampler,
    data: Any,
    out: str | Path,
    *,
    target: str,
    features: Sequence[str] | None = None,
    weight: str | None = None,
    overwrite: bool = False,
    progress: bool | Listener = True,
) -> ResampledData:
    r"""Resample Parquet, Dask or Ray data that need not fit into memory, and write Parquet.

    When to use it: the table is larger than memory and the rarer classes are not. All classes but the largest
    are held in memory (for SMOTE and random over-sampling those that grow), the largest goes by in pieces, as
    often as the method needs. The rows are those the sampler selects or makes in memory, in the order of the
    data; only exact ties and distances equal up to rounding may be broken differently (the row that comes
    first counts as the nearer one).

    The file holds all columns and an account of every row: `sample_index` (the row it is or was started from,
    counted from 0), `origin` (the same, -1 for a made row), for SMOTE `second_parent` and its `share`, and
    `sampling_weight`, :math:`n_k / n'_k` rows of class k before over after (times `weight`): a learner weighted
    by it sees the prior of the data, which undoes the resampling.

    Args:
        sampler: RandomOverSampler (without shrinkage), RandomUnderSampler, SMOTE, TomekLinks or
            EditedNearestNeighbours.
        data: a Parquet file or folder, a `dask.dataframe.DataFrame` or a `ray.data.Dataset`.
        out: the Parquet file to write; it appears when it is complete.
        target: the column of classes.
        features: the columns distances are measured in; default all but target and weight. The others are those
            of the row a made row was started from.
        weight: a column of weights; a made row weighs what its parents weigh, in their shares.
        overwrite: replace `out`.
        progress: show progress, or a function that receives events.

    Raises:
        NotForMe: a sampler that needs all rows at once.
        DataError: the data cannot be used; the sentence says why.
        UsageError: options that do not fit.
        MissingExtra: Dask or Ray is only half installed.

    >>> import tempfile
    >>> import pyarrow as pa, pyarrow.parquet as pq
    >>> from steelyard.resample import RandomUnderSampler
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pq.write_table(pa.table({"x": [0.0, 1, 2, 3, 4, 5], "y": list("aaaabb")}), f"{folder}/in.parquet")
    ...     done = resample_out_of_core(
    ...         RandomUnderSampler(random_state=0), f"{folder}/in.parquet", f"{folder}/out.parquet",
    ...         target="y", progress=False)
    ...     pq.read_table(done.path).select(["x", "y", "sampling_weight"]).to_pydict()
    {'x': [2.0, 3.0, 4.0, 5.0], 'y': ['a', 'a', 'b', 'b'], 'sampling_weight': [2.0, 2.0, 1.0, 1.0]}
    """
    method_of(sampler)
    sampler._check_options()
    path = _free(Path(out), overwrite)
    if progress is True:
        with LiveDisplay() as display:
            return _resample(sampler, data, path, target, features, weight, display)
    return _resample(sampler, data, path, target, features, weight, progress or None)


def _resample(
    sampler: BaseSampler,
    data: Any,
    path: Path,
    target: str,
    features: Sequence[str] | None,
    weight: str | None,
    listener: Listener | None,
) -> ResampledData:
    rows, passes = as_rows(data), Passes(listener)
    _check_columns(rows, [target, *([weight] if weight else []), *(features or ())])
    census = take_census(rows, target, passes)
    outcome = method_of(sampler)(Job(sampler, rows, census, passes, features, weight))
    counts = np.array(list(census.counts.values()))
    after = np.zeros(len(counts), dtype=np.int64)
    for code in range(len(counts)):
        after[code] = outcome.times[census.codes == code].sum() + outcome.grown.get(code, 0)
    facts = {
        "sampler": type(sampler).__name__,
        "parameters": sampler.get_params(deep=False),
        "target": target,
        "before": census.counts,
        "after": dict(zip(census.counts, after.tolist(), strict=True)),
    }
    stands_for = np.divide(counts, after, out=np.zeros(len(counts)), where=after > 0)
    write_rows(rows, census, outcome, path, stands_for=stands_for, weight=weight, facts=facts, passes=passes)
    lost = tuple(
        f"class {label!r} lost all its {n:,} rows"
        for (label, n), left in zip(census.counts.items(), after.tolist(), strict=True)
        if not left
    )
    return ResampledData(
        path, census.n, int(after.sum()), census.prior(), census.prior(after), (*outcome.notices, *lost)
    )


def _check_columns(rows: Rows, named: Sequence[str]) -> None:
    for name in named:
        if name not in rows.schema.names:
            shown = ", ".join(map(repr, rows.schema.names[:12]))
            raise UsageError(f"{rows.name} has no column {name!r}; its columns are {shown}; check the name")
    check_names(rows)


def refuse_resampled(path: str | Path) -> None:
    """Raise a LeakError when a file was written by `resample_out_of_core`: such rows must not judge a model.

    When to use it: before rows of a file are split into those that teach and those that judge.

    Raises:
        LeakError: naming the sampler.
    """
    facts = facts_of(Path(path)) if Path(path).suffix == ".parquet" else None
    if facts is not None:
        raise LeakError(
            f"the rows of {Path(path).name!r} were resampled by {facts['sampler']}, so none of them may judge a model; "
            "give the table they come from, with --sample-majority where it is too large"
        )


def _free(out: Path, overwrite: bool) -> Path:
    if out.is_dir() or (out.exists() and not overwrite):
        raise UsageError(f"{str(out)!r} exists; choose another name or say to overwrite the file")
    if not out.resolve().parent.is_dir():
        raise UsageError(f"there is no folder {str(out.resolve().parent)!r} to write into; make it first")
    return out
