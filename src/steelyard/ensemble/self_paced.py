"""The self-paced ensemble: majority rows chosen by how hard they still are."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.core import Floats
from steelyard.ensemble.rounds import HardnessRounds, Pick
from steelyard.ensemble.rows import ClassRows, Ints, Rows, draw, draw_evenly
from steelyard.ensemble.schedules import BalancingSchedule, Target
from steelyard.ensemble.whole import whole
from steelyard.samplers import hardness_bins, self_paced_quotas

__all__ = ["SelfPacedEnsembleClassifier"]


class SelfPacedEnsembleClassifier(HardnessRounds):
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
        estimator: the member; a binned tree if None. It needs `predict_proba`.
        n_estimators: number of members T.
        k_bins: number of hardness bins.
        hardness: "absolute", "squared" or "cross_entropy".
        replacement: whether a bin too small for its quota repeats rows; if not, other bins give the rest.
        target: rows of every class: a number, or one a label; the smallest class's if None.
        balancing_schedule: "uniform", "progressive" or a function of (origin, target, round, rounds).
        warm_start: whether `fit` keeps the members there are and adds those that `n_estimators` lacks.
        n_jobs: threads for prediction; the answer does not depend on it.
        random_state: seed.

    Attributes:
        estimators_: the members, trained on class positions.
        classes_: labels (K,).
        training_prior_: class probabilities the members were trained on (K,).
        log_: for every member, the rows and the weight of each class it was trained on.
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
        target: Target = None,
        balancing_schedule: str | BalancingSchedule = "uniform",
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.k_bins = k_bins
        self.hardness = hardness
        self.replacement = replacement
        self.target = target
        self.balancing_schedule = balancing_schedule
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _picker(self, rows: Rows, target: Floats) -> Pick:  # noqa: ARG002 - the shell's hook
        whole("k_bins", self.k_bins)
        return self._pick

    def _pick(self, group: ClassRows, hard: Floats, n: int, i: int, rng: np.random.Generator) -> Ints:
        alpha = self_paced_factor(i, self.n_estimators)
        return self_paced_pick(group, hard, n, alpha, rng, k_bins=self.k_bins, replacement=self.replacement)


def self_paced_factor(i: int, rounds: int) -> float:
    r""":math:`\tan(\frac{\pi}{2} \frac{i}{T - 1})`: 0 in the first round, endless in the last."""
    return float(np.tan(np.pi / 2 * i / max(rounds - 1, 1)))


def self_paced_pick(
    group: ClassRows,
    hard: Floats,
    n: int,
    alpha: float,
    rng: np.random.Generator,
    *,
    k_bins: int,
    replacement: bool = True,
) -> Ints:
    """Positions within a class, drawn from its hardness bins by the self-paced shares."""
    bins = hardness_bins(hard, k_bins)
    if bins is None:
        return draw(group.mass, n, rng, even=group.even)
    held = np.bincount(bins, minlength=k_bins)
    size = held * group.mass[0] if group.even else np.bincount(bins, weights=group.mass, minlength=k_bins)
    mean = np.bincount(bins, weights=group.mass * hard, minlength=k_bins) / np.maximum(size, 1e-300)
    quotas = self_paced_quotas(size, mean, n, alpha, capacity=None if replacement else held)
    order = np.argsort(bins.astype(np.uint16), kind="stable")  # few bits, so the sort is linear
    picked, end = [], 0
    for count, quota in zip(held.tolist(), quotas.tolist(), strict=True):
        start, end = end, end + count
        if quota:
            part = order[start:end]
            at = (
                draw_evenly(count, quota, rng)
                if group.even
                else draw(group.mass[part], quota, rng, even=False)
            )
            picked.append(part[at])
    return np.concatenate(picked)


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
    "facts": {
        "arm": {
            "kind": "ensemble",
            "rank": 6,
            "label": "self-paced ensemble",
            "wraps": True,
            "learners": ["lightgbm"],
            "params": {"n_estimators": 10},
        }
    },
}
