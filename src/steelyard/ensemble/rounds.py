"""The shell of ensembles that choose majority rows, round by round, by their hardness so far."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.parallel import Parallel, delayed

from steelyard.core import Floats
from steelyard.ensemble.committee import Committee, fit_member, member_probabilities, seeded, whole
from steelyard.ensemble.rows import ClassRows, Ints, Rows, draw
from steelyard.ensemble.schedules import BalancingSchedule, balancing, planned
from steelyard.samplers import hardness

__all__: list[str] = []

Pick: TypeAlias = Callable[[ClassRows, Floats, int, int, np.random.Generator], Ints]
"""(class, hardness of its rows, number wanted, round, generator) -> positions within the class."""

_CHUNK = 65_536


class HardnessRounds(Committee):
    """Members trained one after the other; a subclass picks the rows of the classes that are cut.

    Only the summed probability of the true class is kept for the rows of those classes: one number a row.
    """

    hardness: str
    balancing_schedule: str | BalancingSchedule

    @abstractmethod
    def _picker(self, rows: Rows, target: Floats) -> Pick:
        """The rule by which members after the first choose among the rows of a class."""

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        n_members = whole("n_estimators", self.n_estimators)
        schedule = balancing(self.balancing_schedule)
        hardness([0], [1.0], self.hardness)  # an unknown kind is refused before any work
        rows = self._rows(X, y, sample_weight)
        seed = self._seed()
        rng = np.random.default_rng(seed)
        origin = rows.counts
        target = np.full(len(origin), origin.min())
        pick = self._picker(rows, target)
        true = {
            k: np.zeros(len(rows.classes[k].rows)) for k in range(len(origin)) if origin[k] > origin.min()
        }
        self.estimators_, self.log_ = [], []
        for i in range(n_members):
            wanted = np.minimum(planned(schedule, origin, target, i, n_members), origin)
            chosen, weight = self._chosen(rows, wanted, pick, true, i, rng)
            member = seeded(self._member(), seed, "member", i)
            fit_member(member, rows.X[chosen], rows.y[chosen], weight)
            self.estimators_.append(member)
            self._record(rows.y[chosen], weight)
            if i + 1 < n_members:
                for k in true:
                    true[k] += self._true_class(member, rows, rows.classes[k])
        self._conclude()
        return self

    def _chosen(
        self,
        rows: Rows,
        wanted: Floats,
        pick: Pick,
        true: dict[int, Floats],
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
            if i == 0 or group.code not in true:
                # no member has judged these rows: it is the first, or a schedule cuts even the smallest class
                picked = draw(group.mass, n, rng, even=group.even)
            else:
                code = np.full(len(group.rows), group.code)
                picked = pick(group, hardness(code, true[group.code] / i, self.hardness), n, i, rng)
            parts.append(group.rows[picked])
            weights.append(np.full(len(picked), count * rows.unit / len(picked)))
        return np.concatenate(parts), np.concatenate(weights)

    def _true_class(self, member: Any, rows: Rows, group: ClassRows) -> Floats:
        """A member's probability of the true class for the rows of one class, in chunks of bounded memory."""

        def one(start: int) -> Floats:
            X = rows.X[group.rows[start : start + _CHUNK]]
            return member_probabilities(member, X, len(rows.classes))[:, group.code]

        calls = (delayed(one)(start) for start in range(0, len(group.rows), _CHUNK))
        return np.concatenate(Parallel(n_jobs=self.n_jobs, prefer="threads")(calls))
