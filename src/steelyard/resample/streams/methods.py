"""What each sampler does with rows that go by: which stay, and which are added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from steelyard.core import NotForMe, UsageError
from steelyard.resample.edited_nearest_neighbours import EditedNearestNeighbours
from steelyard.resample.neighbours import check_neighbours
from steelyard.resample.random_over import RandomOverSampler
from steelyard.resample.random_under import RandomUnderSampler
from steelyard.resample.smote import SMOTE
from steelyard.resample.strategy import targets_of
from steelyard.resample.streams.census import Census
from steelyard.resample.streams.cleaning import Ground, linked_rows, rows_in_agreement
from steelyard.resample.streams.columns import common_dtype
from steelyard.resample.streams.growing import Added, repeated, smote
from steelyard.resample.streams.held import Space, fetch
from steelyard.resample.streams.passes import Passes
from steelyard.resample.streams.rows import Rows
from steelyard.resample.tomek_links import TomekLinks

__all__ = ["Job", "Outcome", "method_of"]


@dataclass(frozen=True, eq=False)
class Job:
    """One sampler on one table."""

    sampler: Any
    rows: Rows
    census: Census
    passes: Passes
    features: Sequence[str] | None
    weight: str | None

    @property
    def wanted(self) -> dict[int, int]:
        """The sampler's targets by class position."""
        strategy = self.sampler.sampling_strategy
        if callable(strategy):
            raise UsageError(
                "sampling_strategy is a function of all labels, which are not in memory; pass a mapping of "
                "classes to rows"
            )
        found = targets_of(strategy, self.census.counts, self.sampler._sampling_type)
        place = {label: code for code, label in enumerate(self.census.names.tolist())}
        return {place[label]: number for label, number in found.items()}

    @property
    def space(self) -> Space:
        """The columns distances are measured in."""
        schema = self.rows.schema
        others = {self.census.target, self.weight}
        names = self.features or [name for name in schema.names if name not in others]
        if not names:
            raise UsageError("no column is left to measure distances in; name some with features=")
        return Space(tuple(names), common_dtype(schema, names))


@dataclass(frozen=True, eq=False)
class Outcome:
    """How often every row is written (n,), what is added, how many rows of each class that is, and notices."""

    times: NDArray[Any]
    added: Iterable[Added] = ()
    grown: dict[int, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


Method: TypeAlias = Callable[[Job], Outcome]


def method_of(sampler: Any) -> Method:
    """How a sampler works on rows that go by.

    Raises:
        NotForMe: it needs all rows at once.
    """
    found = METHODS.get(type(sampler))
    if found is None:
        known = ", ".join(kind.__name__ for kind in METHODS)
        raise NotForMe(
            f"{type(sampler).__name__} needs all rows in memory; larger tables go to {known}, or sample the "
            "majority first"
        )
    return found


def _under(job: Job) -> Outcome:
    state, codes = check_random_state(job.sampler.random_state), job.census.codes
    times = np.ones(job.census.n, dtype=np.uint32 if job.sampler.replacement else np.uint8)
    wanted = job.wanted
    for code, number in enumerate(job.census.counts.values()):
        if code in wanted:
            drawn = state.choice(number, size=wanted[code], replace=job.sampler.replacement)
            times[codes == code] = np.bincount(drawn, minlength=number).astype(times.dtype)
    return Outcome(times)


def _over(job: Job) -> Outcome:
    if job.sampler.shrinkage is not None:
        raise NotForMe("RandomOverSampler with shrinkage needs all rows in memory; leave shrinkage=None")
    table, ids, codes, wanted = _growing(job)
    return Outcome(
        np.ones(job.census.n, dtype=np.uint8),
        repeated(table, ids, codes, wanted, job.sampler.random_state),
        wanted,
    )


def _smote(job: Job) -> Outcome:
    space = job.space
    table, ids, codes, wanted = _growing(job)
    sampler, k = job.sampler, check_neighbours(job.sampler.k_neighbors, "k_neighbors")
    few = {code: int((codes == code).sum()) for code in wanted}
    notices = [
        f"class {job.census.names[code]!r} has {n} rows, too few for {k} neighbours: "
        + ("it is repeated" if n == 1 else f"{n - 1} neighbours are used")
        for code, n in few.items()
        if n <= k
    ]
    added = smote(table, ids, codes, wanted, space, sampler.k_neighbors, sampler.random_state, job.weight)
    return Outcome(np.ones(job.census.n, dtype=np.uint8), added, wanted, tuple(notices))


def _growing(job: Job) -> tuple[Any, NDArray[np.int64], NDArray[np.int64], dict[int, int]]:
    """The rows of the classes that grow, their numbers and classes, and by how much each grows."""
    wanted = {code: number for code, number in job.wanted.items() if number}
    ids = np.flatnonzero(np.isin(job.census.codes, list(wanted)))
    table = fetch(job.rows, job.census, ids, job.passes, "Reading the classes that grow")
    return table, ids, job.census.codes[ids].astype(np.int64), wanted


def _tomek(job: Job) -> Outcome:
    targets = list(job.wanted)
    linked = linked_rows(Ground.of(job.rows, job.census, job.space, job.passes))
    return Outcome((~(linked & np.isin(job.census.codes, targets))).astype(np.uint8))


def _edited(job: Job) -> Outcome:
    sampler = job.sampler
    if hasattr(sampler.n_neighbors, "kneighbors"):
        raise NotForMe(
            "a neighbour search of your own needs all rows in memory; give n_neighbors as a number"
        )
    ground = Ground.of(job.rows, job.census, job.space, job.passes)
    keep = rows_in_agreement(ground, list(job.wanted), sampler.n_neighbors, sampler.kind_sel)
    return Outcome(keep.astype(np.uint8))


METHODS: dict[type, Method] = {
    RandomUnderSampler: _under,
    RandomOverSampler: _over,
    SMOTE: _smote,
    TomekLinks: _tomek,
    EditedNearestNeighbours: _edited,
}
