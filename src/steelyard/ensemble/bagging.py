"""The shell of every bagging ensemble: a subclass says what a bag holds, the rest is here."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable
from itertools import chain
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.parallel import Parallel, delayed

from steelyard.core import Floats, count_threads, derive
from steelyard.ensemble.committee import Committee, seeded
from steelyard.ensemble.monitor import FitMonitor
from steelyard.ensemble.rows import Drawn, Ints, Rows, draw
from steelyard.ensemble.schedules import BalancingSchedule, Target, balancing, planned
from steelyard.ensemble.whole import whole

__all__: list[str] = []


Bagger: TypeAlias = Callable[[np.random.Generator, int], Drawn]
"""(generator, bag) -> the rows of the bag."""


class Bagging(Committee):
    """Members trained side by side, each on its own draw of rows."""

    @abstractmethod
    def _bagger(self, rows: Rows) -> Bagger:
        """What fills a bag."""

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        monitor: FitMonitor | None = None,
    ) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,); a monitor watches and may stop early."""
        n_members = whole("n_estimators", self.n_estimators)
        rows = self._rows(X, y, sample_weight)
        kept = self._begin(n_members, monitor)
        bag, seed = self._bagger(rows), self._seed()

        def one(i: int) -> tuple[Any, dict[str, Any]]:
            drawn = bag(np.random.default_rng(derive(seed, "bag", i)), i)
            return drawn.fit(seeded(self._member(), seed, "member", i), rows), self._entry(drawn)

        fitted = in_turn(one, range(len(kept), n_members), self.n_jobs)
        for member, entry in chain(kept, fitted):
            if not self._join(member, entry, monitor):
                break
        fitted.close()
        self._conclude(monitor)
        return self


def in_turn(
    one: Callable[[int], Any], items: Iterable[int], n_jobs: int | None
) -> Generator[Any, None, None]:
    """`one` of every item, in order; on one thread each is made when it is asked for."""
    if count_threads(n_jobs) == 1:
        return (one(item) for item in items)
    answers: Generator[Any, None, None] = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(one)(item) for item in items
    )
    return answers


class BalancedBagging(Bagging):
    """Bags drawn class by class, with replacement; a subclass says how many rows of each class if nobody does."""

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    @abstractmethod
    def _usual(self, counts: Floats) -> ArrayLike:
        """Rows of each class in a bag, or of every class alike, without a target."""

    def _bagger(self, rows: Rows) -> Bagger:
        schedule, origin = balancing(self.balancing_schedule), rows.counts
        target = self._target(origin, self._usual(origin))

        def bag(rng: np.random.Generator, i: int) -> Drawn:
            wanted = planned(schedule, origin, target, i, self.n_estimators)
            return rows.take(*class_draws(rows, wanted, rng, replacement=True))

        return bag


def class_draws(
    rows: Rows, wanted: Floats, rng: np.random.Generator, *, replacement: bool
) -> tuple[Ints, Floats]:
    """Draw `wanted[k]` rows of every class `k`; without replacement a class wanted whole is kept as it is."""
    parts, weights = [], []
    for group, count, size in zip(rows.classes, wanted, rows.counts, strict=True):
        if not replacement and count == size:
            parts.append(group.rows)
            weights.append(group.mass)
            continue
        n = rows.n_draws(group.code, count)
        picked = draw(group.mass, n, rng, even=group.even, replacement=replacement)
        parts.append(group.rows[picked])
        weights.append(np.full(n, count * rows.unit / n))
    return np.concatenate(parts), np.concatenate(weights)
