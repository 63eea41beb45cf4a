"""The shell of ensembles that choose majority rows, round by round, by their hardness so far."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from steelyard.core import Floats, derive
from steelyard.ensemble.asked import Asked
from steelyard.ensemble.committee import Committee, member_probabilities, on_threads, seeded
from steelyard.ensemble.monitor import FitMonitor
from steelyard.ensemble.rows import ClassRows, Ints, Rows, draw
from steelyard.ensemble.schedules import BalancingSchedule, balancing, planned
from steelyard.ensemble.whole import whole
from steelyard.samplers import hardness

__all__: list[str] = []

Pick: TypeAlias = Callable[[ClassRows, Floats, int, int, np.random.Generator], Ints]
"""(class, hardness of its rows, number wanted, round, generator) -> positions within the class."""


class HardnessRounds(Committee):
    """Members trained one after the other; a subclass picks the rows of the classes that are cut.

    Of what the members said only the summed probability of the true class is kept: one number a row.
    """

    hardness: str
    balancing_schedule: str | BalancingSchedule

    @abstractmethod
    def _picker(self, rows: Rows, target: Floats) -> Pick:
        """The rule by which members after the first choose among the rows of a class."""

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
        schedule = balancing(self.balancing_schedule)
        hardness([0], [1.0], self.hardness)  # an unknown kind is refused before any work
        rows = self._rows(X, y, sample_weight)
        kept, seed = self._begin(n_members, monitor), self._seed()
        origin = rows.counts
        target = self._target(origin, origin.min())
        pick = self._picker(rows, target)
        true = np.zeros(len(rows.y))
        for i in range(n_members):
            if i < len(kept):
                member, entry = kept[i]
            else:
                wanted = np.minimum(planned(schedule, origin, target, i, n_members), origin)
                member, entry = self._grown(rows, wanted, pick, true, i, seed)
            if not self._join(member, entry, monitor):
                break
            if i + 1 < n_members:
                true += self._true_class(member, rows)
        self._conclude(monitor)
        return self

    def _grown(
        self, rows: Rows, wanted: Floats, pick: Pick, true: Floats, i: int, seed: int
    ) -> tuple[Any, dict[str, Any]]:
        """The member of round `i` and what the log says of it."""
        rng = np.random.default_rng(derive(seed, "draw", i))
        drawn = rows.take(*self._chosen(rows, wanted, pick, true, i, rng))
        return drawn.fit(seeded(self._member(), seed, "member", i), rows), self._entry(drawn)

    def _chosen(
        self,
        rows: Rows,
        wanted: Floats,
        pick: Pick,
        true: Floats,
        i: int,
        rng: np.random.Generator,
    ) -> tuple[Ints, Floats]:
        """The rows and weights of member `i`; `true` holds summed probabilities of the true class."""
        parts, weights = [], []
        for group in rows.classes:
            count = wanted[group.code]
            if count >= rows.counts[group.code]:
                parts.append(group.rows)
                weights.append(group.mass)
                continue
            n = rows.n_draws(group.code, count)
            if i == 0 or rows.counts[group.code] == rows.counts.min():
                # no member has judged these rows: it is the first, or a schedule cuts even the smallest class
                picked = draw(group.mass, n, rng, even=group.even)
            else:
                mean = true[group.rows] / i
                picked = pick(group, hardness(rows.y[group.rows], mean, self.hardness), n, i, rng)
            parts.append(group.rows[picked])
            weights.append(np.full(len(picked), count * rows.unit / len(picked)))
        return np.concatenate(parts), np.concatenate(weights)

    def _true_class(self, member: Any, rows: Rows) -> Floats:
        """A member's probability of every row's true class (n,)."""
        k = len(rows.classes)

        def one(part: tuple[Asked, Ints]) -> Floats:
            p = member_probabilities(member, part[0], k)
            return np.asarray(p[np.arange(len(p)), part[1]])

        return np.concatenate(on_threads(one, rows.asked, self.n_jobs))
