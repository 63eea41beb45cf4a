"""The self-paced ensemble: majority rows chosen by how hard they still are."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.parallel import Parallel, delayed

from steelyard.core import Floats
from steelyard.ensemble.committee import (
    Committee,
    class_mass,
    fit_member,
    member_probabilities,
    seeded,
    whole,
)
from steelyard.ensemble.rows import ClassRows, Ints, Rows, draw
from steelyard.ensemble.schedules import BalancingSchedule, balancing, planned
from steelyard.ensemble.self_pacing import hardness, self_paced_quotas

__all__ = ["SelfPacedEnsembleClassifier"]

_CHUNK = 65_536


class SelfPacedEnsembleClassifier(Committee):
    r"""An under-sampling ensemble whose members see majority rows by their hardness for the members so far.

    When to use it: a rare class in a large, overlapping or noisy table; it needs no distances, and every
    member sees only twice the rare class's rows, so it is among the cheapest good ensembles.

    The first member trains on all rows of the rare class and an equally large random part of every other
    class. Before member :math:`i` the hardness :math:`h` of each row of the larger classes (see `hardness`,
    with the mean of the members so far) is cut into `k_bins` bins of equal width; bin :math:`l`, with mean
    hardness :math:`h_l`, gives a share proportional to :math:`1 / (h_l + \alpha_i)` with
    :math:`\alpha_i = \tan(\frac{\pi}{2} \frac{i}{T - 1})`: from an equal sum of hardness a bin to an equal
    count a bin. Rows of the smallest class are all kept. Every larger class is cut on its own.

    Equal rows are merged and weigh as often as they occur, so weights are exactly repetitions; the number of
    draws follows the distinct rows.

    Args:
        estimator: the member; a decision tree if None. It needs `predict_proba`.
        n_estimators: number of members T.
        k_bins: number of hardness bins.
        hardness: "absolute", "squared" or "cross_entropy".
        replacement: whether a bin too small for its quota repeats rows; if not, other bins give the rest.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
        n_jobs: threads for prediction; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        n_features_in_: columns seen in `fit`.

    Raises:
        UsageError: an option out of range.
        TooFewSamples: only one class.

    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(500, weights=[0.95], random_state=0)
    >>> model = SelfPacedEnsembleClassifier(n_estimators=5, random_state=0).fit(X, y)
    >>> model.training_prior_.tolist()
    [0.5, 0.5]

    Source: Liu et al. (2020), Self-paced Ensemble for Highly Imbalanced Massive Data Classification, ICDE.
    """

    def __init__(
        self,
        *,
        estimator: Any = None,
        n_estimators: int = 50,
        k_bins: int = 5,
        hardness: str = "absolute",
        replacement: bool = True,
        balancing_schedule: str | BalancingSchedule = "uniform",
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.k_bins = k_bins
        self.hardness = hardness
        self.replacement = replacement
        self.balancing_schedule = balancing_schedule
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit on rows X (n, d), labels y (n,) and, if given, weights (n,)."""
        n_members, _ = whole("n_estimators", self.n_estimators), whole("k_bins", self.k_bins)
        schedule = balancing(self.balancing_schedule)
        hardness([0], [1.0], self.hardness)  # an unknown kind is refused before any work
        rows = self._rows(X, y, sample_weight)
        seed = self._seed()
        rng = np.random.default_rng(seed)
        origin = rows.counts
        target = np.full(len(origin), origin.min())
        cut = [group for group in rows.classes if origin[group.code] > origin.min()]
        true = {group.code: np.zeros(len(group.rows)) for group in cut}
        trained = np.zeros(len(origin))
        self.estimators_ = []
        for i in range(n_members):
            wanted = np.minimum(planned(schedule, origin, target, i, n_members), origin)
            chosen, weight = self._draw(rows, wanted, true, i, rng)
            member = seeded(self._member(), seed, "member", i)
            fit_member(member, rows.X[chosen], rows.y[chosen], weight)
            self.estimators_.append(member)
            trained += class_mass(rows.y[chosen], weight, len(origin))
            if i + 1 < n_members:
                for group in cut:
                    true[group.code] += self._true_class(member, rows, group)
        self.training_prior_ = trained / trained.sum()
        return self

    def _draw(
        self, rows: Rows, wanted: Floats, true: dict[int, Floats], i: int, rng: np.random.Generator
    ) -> tuple[Ints, Floats]:
        """The rows and weights of member `i`; `true` holds summed probabilities of the true class."""
        parts, weights = [], []
        for group in rows.classes:
            if wanted[group.code] >= rows.counts[group.code]:
                parts.append(group.rows)
                weights.append(group.mass)
                continue
            n = rows.n_draws(group.code, wanted[group.code])
            if i == 0:
                picked = draw(group.mass, n, rng, even=group.even)
            else:
                code = np.full(len(group.rows), group.code)
                picked = self._paced(hardness(code, true[group.code] / i, self.hardness), group, n, i, rng)
            parts.append(group.rows[picked])
            weights.append(np.full(n, wanted[group.code] * rows.unit / n))
        return np.concatenate(parts), np.concatenate(weights)

    def _paced(self, hard: Floats, group: ClassRows, n: int, i: int, rng: np.random.Generator) -> Ints:
        """Positions of `n` rows of a class, drawn from hardness bins by the self-paced shares."""
        low, high = hard.min(), hard.max()
        if low == high:
            return draw(group.mass, n, rng, even=group.even)
        k = self.k_bins
        bins = np.minimum(((hard - low) * (k / (high - low))).astype(np.int64), k - 1)
        size = np.bincount(bins, weights=group.mass, minlength=k)
        mean = np.bincount(bins, weights=group.mass * hard, minlength=k) / np.maximum(size, 1e-300)
        alpha = float(np.tan(np.pi / 2 * i / max(self.n_estimators - 1, 1)))
        room = None if self.replacement else np.bincount(bins, minlength=k)
        quotas = self_paced_quotas(size, mean, n, alpha, capacity=room)
        order = np.argsort(bins, kind="stable")
        inside = np.split(order, np.cumsum(np.bincount(bins, minlength=k))[:-1])
        return np.concatenate(
            [
                part[draw(group.mass[part], quota, rng, even=group.even)]
                for part, quota in zip(inside, quotas, strict=True)
                if quota
            ]
        )

    def _true_class(self, member: Any, rows: Rows, group: ClassRows) -> Floats:
        """A member's probability of the true class for the rows of one class, in chunks of bounded memory."""

        def one(start: int) -> Floats:
            X = rows.X[group.rows[start : start + _CHUNK]]
            return member_probabilities(member, X, len(rows.classes))[:, group.code]

        calls = (delayed(one)(start) for start in range(0, len(group.rows), _CHUNK))
        return np.concatenate(Parallel(n_jobs=self.n_jobs, prefer="threads")(calls))


CARD = {
    "lever": "ensemble",
    "name": "SelfPacedEnsembleClassifier",
    "title": "Self-paced ensemble (hardness-binned under-sampling)",
    "seeds": ["021", "005", "006"],
    "needs": ["predict_proba"],
    "example": {"n_estimators": 5},
    "since": "0.1",
    "status": "claimed",
    "source": "Liu et al. (2020), Self-paced Ensemble for Highly Imbalanced Massive Data Classification",
    "facts": {"arm": {"kind": "ensemble", "rank": 6, "label": "self-paced ensemble", "wraps": True}},
}
